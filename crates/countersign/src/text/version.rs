//! Versions, their files and statements, and the people whose turn it is.

use super::{Show, Table, Text, cells, entries, facts, section, sentences};
use app::views::{AwayPerson, FileView, SameBytes, StatementView, Turn, Version, VersionSummary};
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{
    Name,
    comparison::{self, SchemaChange, ValueChange},
    signoff::Status,
};
use serde_json::Value;

/// Versions in a list.
pub fn table(versions: &[VersionSummary]) -> Text {
    let row = |version: &VersionSummary| {
        cells![version.name, version.step, version.status, version.round, version.created_at, version.model_digest]
    };
    Table::of(&["VERSION", "STEP", "STATUS", "ROUND", "CREATED", "MODEL DIGEST"], versions, row).text("No versions.")
}

/// A version, and where it stands.
pub fn card(version: &Version) -> Text {
    let (governance, fields) = (&version.governance, &version.fields);
    let renewal = governance.renewal.as_ref().map(|renewal| format!("round {} is {}", renewal.round, renewal.status));
    let head = facts(&[
        ("version", &version.name),
        ("status", &governance.status),
        ("step", &governance.step),
        ("round", &governance.round),
        ("renewal", &renewal),
        ("open issues", &governance.open_issues),
        ("locked", &governance.locked),
        ("approved until", &governance.not_after),
        ("model digest", &version.model_digest),
        ("files", &version.files),
        ("size", &version.size),
        ("uploaded by", &version.uploader),
        ("created", &version.created_at),
        ("run", &fields.source.run),
        ("run owner", &fields.source.run_owner),
        ("commit", &fields.source.commit),
        ("data", &fields.source.data),
        ("page", &governance.link),
    ]);
    let steps = Table::of(&["STEP", "STATUS"], &governance.steps, |step| cells![step.name, step.status]);
    let retired = governance.retired.as_ref();
    let retired = retired.map(|act| Text::line(format!("by {} at {}: {}", act.by, act.at.cell(), act.comment.cell())));
    let same_bytes: Text = version.same_bytes.iter().map(|other| Text::line(same_bytes(other))).collect();
    head + section("Retired", &retired.unwrap_or_default())
        + section("Warnings", &sentences(&version.warnings))
        + section("Authors", &authors(version))
        + section("Same bytes elsewhere", &same_bytes)
        + section("Steps", &steps.text(""))
        + section("Whose turn it is", &turns(&governance.turns))
        + section("Signature", &signature(fields.signature.as_ref()))
        + section("Metrics", &entries(&fields.metrics))
        + section("Parameters", &entries(&fields.params))
        + section("Tags", &entries(&fields.tags))
        + section("Notes", &Text::lines(&fields.notes))
}

/// What goes in and what comes out, as far as the signature says so.
fn signature(signature: Option<&Value>) -> Text {
    let Some(signature) = signature else { return Text::none() };
    match comparison::schema(None, Some(signature)) {
        SchemaChange::Values(values) => {
            let row = |value: &ValueChange| cells![value.side.as_str(), value.name, value.later];
            Table::of(&["SIDE", "NAME", "TYPE"], &values, row).text("")
        }
        SchemaChange::Unread { .. } | SchemaChange::None => facts(&[("as written", signature)]),
    }
}

/// Whom the server takes for an author: a name that is nobody's bars nobody from the approval.
fn authors(version: &Version) -> Text {
    let named = version.authors.iter().map(|author| {
        let accounts = match author.accounts.is_empty() {
            true => "no account has this name or address, so it bars nobody".to_owned(),
            false => author.accounts.iter().map(Name::as_str).collect::<Vec<_>>().join(", "),
        };
        Text::line(format!("{}: {accounts}", author.written))
    });
    let editors = version.editors.iter().map(|editor| Text::line(format!("{editor}: changed fields")));
    named.chain(editors).collect()
}

/// What became of the same bytes under another name.
fn same_bytes(other: &SameBytes) -> String {
    let name = other.version.as_deref().unwrap_or("a version in another project");
    let word = if other.status == Status::Revoked { "its approval was revoked" } else { "it was rejected" };
    format!("{name}: {word} at {}", other.at.cell())
}

/// The files of a version.
pub fn files(files: &[FileView]) -> Text {
    Table::of(&["FILE", "SIZE", "SHA-256"], files, |file| cells![file.name, file.size, file.sha256]).text("No files.")
}

/// The signed statements about a version.
pub fn statements(statements: &[StatementView]) -> Text {
    let row = |statement: &StatementView| {
        cells![statement.id, statement.kind, says(statement), statement.round, statement.issued_at, statement.not_after]
    };
    Table::of(&["ID", "KIND", "SAYS", "ROUND", "ISSUED", "ENDS"], statements, row).text("No statements.")
}

/// What a decision says, in the words that were signed: approved, rejected or revoked.
fn says(statement: &StatementView) -> Option<String> {
    let payload = STANDARD.decode(statement.envelope.get("payload")?.as_str()?).ok()?;
    let signed: Value = serde_json::from_slice(&payload).ok()?;
    signed.pointer("/predicate/decision")?.as_str().map(str::to_owned)
}

/// Whose turn it is, a line each.
pub fn turns(turns: &[Turn]) -> Text {
    let line = |turn: &Turn| {
        let slot = turn.slot.as_ref().map(|slot| format!(" for “{slot}”")).unwrap_or_default();
        let since = turn.since.map(|since| format!(" (since {})", since.cell())).unwrap_or_default();
        let due = turn.due.map(|due| format!(", due {}", due.cell())).unwrap_or_default();
        let people = if turn.people.is_empty() { "nobody".to_owned() } else { turn.people.join(", ") };
        let away: String = turn.away.iter().map(away).collect();
        Text::line(format!("{people}: {}{slot} — {}{since}{due}{away}", turn.expected.cell(), turn.why))
    };
    turns.iter().map(line).collect()
}

/// Until when somebody whose turn it is is away, and who stands in.
fn away(away: &AwayPerson) -> String {
    let stand_in = away.stand_in.as_ref().map(|stand_in| format!("; {stand_in} stands in")).unwrap_or_default();
    format!(". {} is away until {}{stand_in}", away.person, away.until.cell())
}
