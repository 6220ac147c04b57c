//! Reads all events, recomputes every leaf and the tree, and compares the columns of each event with its body.

use super::{
    check::{Check, TreeHead},
    decisions::LoggedDecisions,
    lanes::Lanes,
};
use crate::{
    Reader, RoundKey, StoreError,
    guard::Guard,
    query::queries,
    record::column,
    tx::log::{LoggedEvent, leaf_of},
    value::{Column, Kind, Value},
};
use domain::{Digest, event::Event};
use proof::{Sha256, leaf};
use std::sync::Arc;

queries! {
    ;
    EVENTS = "SELECT position, at, kind, actor_id, project_id, version_id, infrastructure_id, body, leaf, body_digest, seal FROM events WHERE position >= $1 ORDER BY position LIMIT $2";
}

const COLUMNS: [Kind; 11] = [
    Kind::Int,
    Kind::Int,
    Kind::Text,
    Kind::Uuid,
    Kind::Uuid,
    Kind::Uuid,
    Kind::Uuid,
    Kind::Bytes,
    Kind::Bytes,
    Kind::Bytes,
    Kind::Bytes,
];
const PAGE: u32 = 1_000;
/// The check fills no longer gap: a row that somebody inserted at a huge position must not keep the check busy for ever.
const LONGEST_GAP: u64 = 1_000_000;

/// A row of the log as it was read.
struct Row {
    stored: i64,
    /// The hash of the leaf that body and digest make.
    leaf: Sha256,
    /// The event, if its body is there and can be read.
    event: Option<LoggedEvent>,
    findings: Vec<String>,
}

pub(super) async fn check(check: &mut Check<'_>, reader: &mut Reader) -> Result<(), StoreError> {
    let (mut lanes, mut from) = (Lanes::new(), Some(i64::MIN));
    while let Some(first) = from {
        let page = reader.rows(EVENTS, &[Value::Int(first), Value::Int(PAGE.into())], &COLUMNS).await?;
        // Counts from the row's position, not from the size of the log: the check must not read an inserted row for ever.
        from = match page.last().and_then(|row| row.first()) {
            Some(Value::Int(last)) => last.checked_add(1),
            _ => None,
        };
        if !page.is_empty() {
            let guard = Arc::clone(&reader.guard);
            let work = move || page.into_iter().map(|row| read(row, &guard)).collect::<Vec<_>>();
            if let Some(rows) = lanes.begin(work).await? {
                fold(check, rows)?;
            }
        }
    }
    while let Some(rows) = lanes.next().await? {
        fold(check, rows)?;
    }
    compare(check);
    Ok(())
}

/// Compares the log with the tree heads that the caller knows of.
fn compare(check: &mut Check<'_>) {
    for TreeHead { size, root } in check.heads {
        let problem = match check.roots.get(size).copied().flatten() {
            None => format!(
                "a signed checkpoint covers {size} events, but the log has {}: an older copy was restored, or the end was cut off",
                check.frontier.size()
            ),
            Some(found) if found != *root => {
                format!("the first {size} events differ from those that a signed checkpoint covers: the log was rewritten")
            }
            Some(_) => continue,
        };
        check.found("log", problem);
    }
}

/// What can be said of an event without the events before it.
fn read(row: Vec<Value>, guard: &Guard) -> Result<Row, StoreError> {
    let mut values = row.into_iter();
    let stored: i64 = column(values.next(), "events", "position")?;
    let columns: Vec<Value> = values.by_ref().take(6).collect();
    let body: Option<Vec<u8>> = column(values.next(), "events", "body")?;
    let stored_leaf: Option<Vec<u8>> = column(values.next(), "events", "leaf")?;
    let body_digest = values.next().unwrap_or(Value::Null(Kind::Bytes));
    let seal: Option<Vec<u8>> = column(values.next(), "events", "seal")?;
    let (body, mut findings) = (body.unwrap_or_default(), Vec::new());
    let digest = Digest::from_value(body_digest).unwrap_or_else(|problem| {
        findings.push(format!("the digest of the event's body was altered: {problem}"));
        Digest::from_bytes(*Sha256::of(&body).as_bytes())
    });
    // A position that cannot be one has no leaf; it is a finding for another reason.
    let position = u64::try_from(stored).unwrap_or(0).min(proof::canonical::MAX_INTEGER);
    let event_leaf = leaf_of(position, digest);
    let leaf = event_leaf.hash()?;
    if stored_leaf.is_none_or(|stored| stored != leaf.as_bytes()) {
        findings.push("the event's body or hash was altered".to_owned());
    } else if let Some(key) = guard.checking()?
        && !key.is_of_event(&event_leaf.to_bytes()?, &seal.unwrap_or_default())
    {
        findings.push("the event does not bear the seal of the server: another wrote it".to_owned());
    }
    if body.is_empty() {
        findings.push("the event's body is gone: only the leaf is left".to_owned());
        return Ok(Row { stored, leaf, event: None, findings });
    }
    if digest.as_bytes() != Sha256::of(&body).as_bytes() {
        findings.push("the event's body was altered: the leaf names the digest of another body".to_owned());
    }
    let event = match LoggedEvent::parse(&body) {
        Err(error) => {
            findings.push(error.to_string());
            None
        }
        Ok(event) => {
            if u64::try_from(stored) != Ok(event.position) || event.format != leaf::FORMAT {
                findings.push("the event's body names another position or format".to_owned());
            }
            if event.columns().as_slice() != columns.as_slice() {
                findings.push("the event's columns differ from its body".to_owned());
            }
            Some(event)
        }
    };
    Ok(Row { stored, leaf, event, findings })
}

fn fold(check: &mut Check<'_>, rows: Vec<Result<Row, StoreError>>) -> Result<(), StoreError> {
    for row in rows {
        event(check, row?);
    }
    Ok(())
}

/// Takes one event into the tree, and notes what it says of rows, statements and people.
fn event(check: &mut Check<'_>, row: Row) {
    let Row { stored, leaf, event, findings } = row;
    let what = format!("events/{stored}");
    let end = check.frontier.size();
    let Some(position) = u64::try_from(stored).ok().filter(|position| *position <= end + LONGEST_GAP) else {
        return check.found(&what, "the event was inserted: its position is far beyond the end of the log");
    };
    if end < position {
        match position - end {
            1 => check.found(format!("events/{end}"), "the event was deleted"),
            _ => check.found(format!("events/{end}-{}", position - 1), "the events were deleted"),
        }
    }
    // A gap keeps its place in the tree, so that the check compares the events after the gap with the right leaves.
    while check.frontier.size() < position {
        check.unread.insert(check.frontier.size());
        check.leaf(Sha256::from_bytes([0; 32]));
    }
    for problem in findings {
        check.found(&what, problem);
    }
    check.leaf(leaf);
    check.last_event_at = event.as_ref().map(|event| event.at);
    let Some(event) = event else {
        check.unread.insert(position);
        return;
    };
    links(check, &what, position, &event);
    decision(check, position, &event);
    check.history.note(position, &event);
    for (row, digest) in &event.rows {
        check.spoken.note(row, *digest, position);
    }
}

/// Compares what an event says of the event before it and of the statements that were signed with it.
fn links(check: &mut Check<'_>, what: &str, position: u64, event: &LoggedEvent) {
    let last = event.about.version.and_then(|version| check.last_of_version.note(version, position));
    if event.previous != last && event.previous.is_none_or(|previous| !check.unread.contains(&previous)) {
        check.found(what, "the body names another event as the previous event about the version");
    }
    let rows = event.rows.iter().filter(|(row, digest)| row.starts_with("statements/") && digest.is_some());
    let mut signed = 0;
    for (row, _) in rows {
        check.spoken.note_signed(row, &event.statements);
        signed += 1;
    }
    if signed < event.statements.len() {
        check.found(what, "the body names more statements than were signed with the event");
    }
}

fn decision(check: &mut Check<'_>, position: u64, event: &LoggedEvent) {
    let (step, number, decide): (_, _, fn(&mut LoggedDecisions)) = match &event.event {
        Event::Approved { step, round, .. } => (step, *round, |logged| logged.approved = true),
        Event::Rejected { step, round, .. } => (step, *round, |logged| logged.rejected = true),
        Event::Revoked { step, round, .. } => (step, *round, |logged| logged.revoked = true),
        _ => return,
    };
    if let Some(version) = event.about.version {
        check.report.decisions.note(&RoundKey { version, step: step.clone(), number }, position, decide);
    }
}
