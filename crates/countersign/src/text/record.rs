//! The record: events, proofs, and the report of a verified store.

use super::{
    Show, Table, Text, cells,
    event::{said, wrote},
    facts, section,
};
use app::views::{AuditEvent, ProofView, StoreReport};

/// Events in a list; `none` says that there are none.
pub fn events(events: &[AuditEvent], none: &str) -> Text {
    let row = |event: &AuditEvent| {
        let by = event.credential.map(|credential| credential.as_str().replace('_', " "));
        cells![event.position, event.at, event.actor, by, event.kind, event.about, said(event), wrote(event)]
    };
    Table::of(&["POSITION", "AT", "WHO", "BY", "WHAT", "ABOUT", "DETAILS", "COMMENT"], events, row).text(none)
}

/// A proof.
pub fn proof(proof: &ProofView) -> Text {
    facts(&[("size", &proof.size), ("root", &proof.root), ("leaf", &proof.leaf), ("hashes", &proof.hashes)])
}

/// The report of a verified store.
pub fn report(report: &StoreReport) -> Text {
    let checkpoint = match report.checkpoint {
        Some(events) => events.cell(),
        None => "none: a log that was rewritten from end to end, or cut off, would not be noticed".cell(),
    };
    let head = facts(&[
        ("clean", &report.clean),
        ("events", &report.events),
        ("rows", &report.rows),
        ("statements", &report.statements),
        ("checkpoint", &checkpoint),
        ("root", &report.root),
    ]);
    let findings = Table::of(&["WHAT", "PROBLEM"], &report.findings, |finding| cells![finding.what, finding.problem]);
    head + section("Findings", &findings.text(""))
}
