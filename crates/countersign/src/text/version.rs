//! Versions.

use super::{
    layout::{Table, at, entries, facts, items, section, time},
    plain::plain_lines,
};
use serde_json::Value;

/// A version, and where it stands.
pub fn card(version: &Value) -> String {
    let head = [
        ("version", "/name"),
        ("status", "/governance/status"),
        ("step", "/governance/step"),
        ("round", "/governance/round"),
        ("open issues", "/governance/open_issues"),
        ("locked", "/governance/locked"),
        ("approved until", "/governance/not_after"),
        ("model digest", "/model_digest"),
        ("files", "/files"),
        ("size", "/size"),
        ("uploaded by", "/uploader"),
        ("created", "/created_at"),
        ("authors", "/fields/authors"),
        ("run", "/fields/source/run"),
        ("run owner", "/fields/source/run_owner"),
        ("commit", "/fields/source/commit"),
        ("data", "/fields/source/data"),
        ("page", "/governance/link"),
    ];
    let fields = &version["fields"];
    [
        facts(version, &head),
        section("Steps", &Table::of(items(version, "/governance/steps"), &[("STEP", "/name"), ("STATUS", "/status")]).text("")),
        section("Whose turn it is", &turns(&version["governance"])),
        section("Metrics", &entries(&fields["metrics"])),
        section("Parameters", &entries(&fields["params"])),
        section("Tags", &entries(&fields["tags"])),
        section("Notes", &plain_lines(fields["notes"].as_str().unwrap_or_default())),
    ]
    .concat()
}

/// Whose turn it is, a line each.
pub fn turns(value: &Value) -> String {
    let line = |turn: &Value| {
        let slot = turn["slot"].as_str().map(|_| format!(" for “{}”", at(turn, "/slot"))).unwrap_or_default();
        let since = turn["since"].as_str().map(|_| format!(" (since {})", time(&turn["since"]))).unwrap_or_default();
        let people = if items(turn, "/people").is_empty() { "nobody".to_owned() } else { at(turn, "/people") };
        format!("{people}: {}{slot} — {}{since}\n", at(turn, "/expected").replace('_', " "), at(turn, "/why"))
    };
    items(value, "/turns").iter().map(line).collect()
}
