//! Verifies the store: recomputes the whole log and compares every row that the record covers with the row's last event.
//!
//! The check finds rows and events that somebody changed, deleted, inserted or restored in the database. To find a log that was
//! rewritten from end to end, it needs a checkpoint that was kept elsewhere.

mod manifests;
mod people;
mod schema;
mod statements;

pub use statements::{Decided, Stated};

use crate::{
    Reader, RoundKey, StoreError,
    guard::Guard,
    query::queries,
    record::{Record, Table, column},
    rows::{self, Statement},
    tx::log::{LoggedEvent, leaf_of},
    value::{Column, Kind, Value},
};
use domain::{Digest, VersionId, event::Event};
use proof::{Sha256, leaf, merkle::Frontier};
use serde::Serialize;
use std::{
    collections::{HashMap, HashSet},
    fmt,
};

/// A difference between the log and the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The thing: an event (`events/12`), a row (`users/0190…`), a node or the head of the log.
    pub what: String,
    /// What is wrong with the thing.
    pub problem: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what, self.problem)
    }
}

/// The result of a check.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The number of events.
    pub events: u64,
    /// The number of rows that the record covers.
    pub rows: u64,
    /// The log's root, recomputed from the events.
    pub root: String,
    /// The final decisions that the log tells of.
    pub told: HashMap<RoundKey, Told>,
    /// The findings; empty for a clean store.
    pub findings: Vec<Finding>,
}

/// What the log tells of the decisions on a round.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// That it was approved.
    pub approved: bool,
    /// That it was rejected.
    pub rejected: bool,
    /// That its approval was revoked.
    pub revoked: bool,
}

/// A size of the log and its root, from a signed checkpoint that was kept outside of the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pinned {
    /// The number of events.
    pub size: u64,
    /// The root over these events.
    pub root: Sha256,
}

queries! {
    ;
    EVENTS = "SELECT position, at, kind, actor_id, project_id, version_id, infrastructure_id, body, leaf, body_digest, seal FROM events WHERE position >= $1 ORDER BY position LIMIT $2";
    NODES = "SELECT level, position, hash FROM log_nodes ORDER BY level, position LIMIT $1 OFFSET $2";
}

const EVENT_COLUMNS: [Kind; 11] = [
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
const PAGE: u32 = 2_000;
/// The check fills no longer gap: a row that somebody inserted at a huge position must not keep the check busy for ever.
const LONGEST_GAP: u64 = 1_000_000;

/// Checks the whole store as this reader sees it.
///
/// # Errors
/// Only when the database fails. What is wrong in the database is a finding.
pub async fn verify(reader: &mut Reader, pinned: &[Pinned]) -> Result<Report, StoreError> {
    let mut report = verify_tables(reader, pinned, &rows::covered()).await?;
    report.findings.extend(schema::check(reader).await?);
    Ok(report)
}

/// The same for these tables, which are all that the record covers.
pub(crate) async fn verify_tables(reader: &mut Reader, pinned: &[Pinned], tables: &[&Table]) -> Result<Report, StoreError> {
    let mut check = Check { pinned, ..Check::default() };
    check.events(reader).await?;
    check.nodes(reader).await?;
    check.head(reader).await;
    for table in tables {
        check.table(reader, table).await?;
    }
    check.deleted();
    manifests::check(&mut check, reader).await?;
    people::check(&mut check, reader).await?;
    let Check { mut report, frontier, .. } = check;
    report.events = frontier.size();
    report.root = frontier.root().hex();
    report.findings.sort_by(|a, b| a.what.cmp(&b.what));
    Ok(report)
}

/// A check that is running.
#[derive(Default)]
struct Check<'a> {
    pinned: &'a [Pinned],
    report: Report,
    frontier: Frontier,
    /// The perfect subtrees of two and more leaves, recomputed from the events.
    subtrees: HashMap<(u8, u64), Sha256>,
    /// What the log says of each row: its digest, or that it was taken away. Rows that were found are taken out.
    spoken: HashMap<String, Option<Digest>>,
    /// The last event about each version.
    last_of_version: HashMap<VersionId, u64>,
    /// Events that are not there or cannot be read, so that nothing is known of what they were about.
    unread: HashSet<u64>,
    /// The statements that events name, by the rows that changed with them.
    signed: HashMap<String, Vec<Digest>>,
}

impl Check<'_> {
    fn found(&mut self, what: impl Into<String>, problem: impl Into<String>) {
        self.report.findings.push(Finding { what: what.into(), problem: problem.into() });
    }

    /// Recomputes every leaf and the tree, and compares the columns of each event with its body.
    async fn events(&mut self, reader: &mut Reader) -> Result<(), StoreError> {
        let mut next = Some(i64::MIN);
        while let Some(from) = next {
            let page = reader.rows(EVENTS, &[Value::Int(from), Value::Int(PAGE.into())], &EVENT_COLUMNS).await?;
            // Counts from the row's position, not from the size of the log: the check must not read an inserted row for ever.
            next = None;
            for row in page {
                next = self.event(row, &reader.guard)?.checked_add(1);
            }
        }
        for pinned in self.pinned {
            if pinned.size > self.frontier.size() {
                let problem = format!(
                    "a signed checkpoint covers {} events, but the log has {}: an older copy was restored, or the end was cut off",
                    pinned.size,
                    self.frontier.size()
                );
                self.report.findings.push(Finding { what: "log".to_owned(), problem });
            }
        }
        Ok(())
    }

    /// Checks one event and returns its position.
    fn event(&mut self, row: Vec<Value>, guard: &Guard) -> Result<i64, StoreError> {
        let mut values = row.into_iter();
        let stored: i64 = column(values.next(), "events", "position")?;
        let columns: Vec<Value> = values.by_ref().take(6).collect();
        let body: Option<Vec<u8>> = column(values.next(), "events", "body")?;
        let stored_leaf: Option<Vec<u8>> = column(values.next(), "events", "leaf")?;
        let body_digest = values.next().unwrap_or(Value::Null(Kind::Bytes));
        let seal: Option<Vec<u8>> = column(values.next(), "events", "seal")?;
        let body = body.unwrap_or_default();
        let what = format!("events/{stored}");
        let end = self.frontier.size();
        let Some(position) = u64::try_from(stored).ok().filter(|position| *position <= end + LONGEST_GAP) else {
            self.found(&what, "the event was inserted: its position is far beyond the end of the log");
            return Ok(stored);
        };
        if end < position {
            match position - end {
                1 => self.found(format!("events/{end}"), "the event was deleted"),
                _ => self.found(format!("events/{end}-{}", position - 1), "the events were deleted"),
            }
        }
        // A gap keeps its place in the tree, so that the check compares the events after the gap with the right leaves.
        while self.frontier.size() < position {
            self.unread.insert(self.frontier.size());
            self.leaf(Sha256::from_bytes([0; 32]));
        }
        let digest = Digest::from_value(body_digest).unwrap_or_else(|problem| {
            self.found(&what, format!("the digest of the event's body was altered: {problem}"));
            Digest::from_bytes(*Sha256::of(&body).as_bytes())
        });
        let event_leaf = leaf_of(position, digest);
        let leaf = event_leaf.hash()?;
        if stored_leaf.is_none_or(|stored| stored != leaf.as_bytes()) {
            self.found(&what, "the event's body or hash was altered");
        } else if let Some(key) = guard.checking()?
            && !key.is_of_event(&event_leaf.to_bytes()?, &seal.unwrap_or_default())
        {
            self.found(&what, "the event does not bear the seal of the server: another wrote it");
        }
        self.leaf(leaf);
        if body.is_empty() {
            self.unread.insert(position);
            self.found(&what, "the event's body is gone: only the leaf is left");
            return Ok(stored);
        }
        if digest.as_bytes() != Sha256::of(&body).as_bytes() {
            self.found(&what, "the event's body was altered: the leaf names the digest of another body");
        }
        match LoggedEvent::parse(&body) {
            Err(error) => {
                self.unread.insert(position);
                self.found(&what, error.to_string());
            }
            Ok(event) => {
                if event.position != position || event.format != leaf::FORMAT {
                    self.found(&what, "the event's body names another position or format");
                }
                self.links(&what, &event);
                self.last_of_version.extend(event.about.version.map(|version| (version, position)));
                if event.columns().as_slice() != columns.as_slice() {
                    self.found(&what, "the event's columns differ from its body");
                }
                self.decision(&event);
                self.spoken.extend(event.rows);
            }
        }
        Ok(stored)
    }

    /// Compares what an event says of the event before it and of the statements that were signed with it.
    fn links(&mut self, what: &str, event: &LoggedEvent) {
        let last = event.about.version.and_then(|version| self.last_of_version.get(&version)).copied();
        if event.previous != last && event.previous.is_none_or(|previous| !self.unread.contains(&previous)) {
            self.found(what, "the body names another event as the previous event about the version");
        }
        let rows = event.rows.iter().filter(|(row, digest)| row.starts_with("statements/") && digest.is_some());
        let signed: Vec<_> = rows.map(|(row, _)| (row.clone(), event.statements.clone())).collect();
        if signed.len() < event.statements.len() {
            self.found(what, "the body names more statements than were signed with the event");
        }
        self.signed.extend(signed);
    }

    /// Checks that a stored statement is one of those that its event names.
    fn statement(&mut self, name: &str, table: &Table, values: &[Value]) {
        let envelope = table.columns.iter().zip(values).find(|(column, _)| column.name == "envelope");
        let (Some(named), Some((_, Value::Bytes(envelope)))) = (self.signed.get(name), envelope) else {
            return;
        };
        if rows::signed_payload(envelope).is_some_and(|payload| !named.contains(&payload)) {
            self.found(name, "the event that was recorded with the statement names another statement");
        }
    }

    fn decision(&mut self, event: &LoggedEvent) {
        let (step, number, note): (_, _, fn(&mut Told) -> &mut bool) = match &event.event {
            Event::Approved { step, round, .. } => (step, *round, |told| &mut told.approved),
            Event::Rejected { step, round, .. } => (step, *round, |told| &mut told.rejected),
            Event::Revoked { step, round, .. } => (step, *round, |told| &mut told.revoked),
            _ => return,
        };
        if let Some(version) = event.about.version {
            *note(self.report.told.entry(RoundKey { version, step: step.clone(), number }).or_default()) = true;
        }
    }

    fn leaf(&mut self, leaf: Sha256) {
        for node in self.frontier.append(leaf) {
            self.subtrees.insert((node.level, node.index), node.hash);
        }
        for pinned in self.pinned {
            if pinned.size == self.frontier.size() && pinned.root != self.frontier.root() {
                let problem = format!(
                    "the first {} events differ from those that a signed checkpoint covers: the log was rewritten",
                    pinned.size
                );
                self.report.findings.push(Finding { what: "log".to_owned(), problem });
            }
        }
    }

    async fn nodes(&mut self, reader: &mut Reader) -> Result<(), StoreError> {
        let mut offset = 0;
        loop {
            let page =
                reader.rows(NODES, &[Value::Int(PAGE.into()), Value::Int(offset)], &[Kind::Int, Kind::Int, Kind::Bytes]).await?;
            if page.is_empty() {
                break;
            }
            offset += page.len() as i64;
            for row in page {
                let mut row = row.into_iter();
                let level: i64 = column(row.next(), "log_nodes", "level")?;
                let position: i64 = column(row.next(), "log_nodes", "position")?;
                let hash: Vec<u8> = column(row.next(), "log_nodes", "hash")?;
                let place = u8::try_from(level).ok().zip(u64::try_from(position).ok());
                match place.and_then(|place| self.subtrees.remove(&place)) {
                    None => self.found(
                        format!("log_nodes/{level}/{position}"),
                        "the node was inserted: the log has no complete subtree here",
                    ),
                    Some(right) if hash != right.as_bytes() => {
                        self.found(format!("log_nodes/{level}/{position}"), "the node is not the hash of its events")
                    }
                    Some(_) => {}
                }
            }
        }
        let missing: Vec<_> = self.subtrees.keys().copied().collect();
        for (level, position) in missing {
            self.found(format!("log_nodes/{level}/{position}"), "the node was deleted");
        }
        Ok(())
    }

    async fn head(&mut self, reader: &mut Reader) {
        match reader.log_frontier().await {
            Err(error) => self.found("log_head/1", error.to_string()),
            Ok(head) if head.size() != self.frontier.size() => {
                let problem = format!("the head says {} events, but the log has {}", head.size(), self.frontier.size());
                self.found("log_head/1", problem);
            }
            Ok(head) if head.root() != self.frontier.root() => {
                self.found("log_head/1", "the head's root is not the root of the events")
            }
            Ok(_) => {}
        }
    }

    /// Compares every row of a table with the row's last event.
    async fn table(&mut self, reader: &mut Reader, table: &Table) -> Result<(), StoreError> {
        let kinds = table.listed_kinds();
        let mut offset = 0;
        loop {
            let page = reader.rows(table.page(), &[Value::Int(PAGE.into()), Value::Int(offset)], &kinds).await?;
            if page.is_empty() {
                return Ok(());
            }
            offset += page.len() as i64;
            for mut values in page {
                let seal = values.pop();
                self.report.rows += 1;
                let name = table.row_name(&values);
                let digest = table.row_digest(&values)?;
                if table.name == Statement::table().name {
                    self.statement(&name, table, &values);
                }
                match self.spoken.remove(&name) {
                    None => self.found(name, "the row was inserted: no event names the row"),
                    Some(None) => self.found(name, "the row was put back: its last event deleted the row"),
                    Some(Some(spoken)) if spoken != digest => {
                        self.found(name, "the row was altered: it differs from its last event")
                    }
                    Some(Some(_)) if !bears_seal(&reader.guard, table, &values, seal)? => {
                        self.found(name, "the row's seal was altered: the server does not read the row")
                    }
                    Some(Some(_)) => {}
                }
            }
        }
    }

    fn deleted(&mut self) {
        for (row, digest) in std::mem::take(&mut self.spoken) {
            if digest.is_some() {
                self.found(row, "the row was deleted: no event deleted the row");
            }
        }
    }
}

fn bears_seal(guard: &Guard, table: &Table, values: &[Value], seal: Option<Value>) -> Result<bool, StoreError> {
    let Some(key) = guard.checking()? else { return Ok(true) };
    Ok(matches!(seal, Some(Value::Bytes(seal)) if key.position(table, values, &seal).is_some()))
}

/// Every statement of this check, by file, for the test that prepares them.
#[cfg(test)]
pub(crate) fn all_statements() -> Vec<(&'static str, Vec<(&'static str, crate::conn::Sql)>)> {
    vec![
        ("verify.rs", statements()),
        ("verify/manifests.rs", manifests::statements()),
        ("verify/people.rs", people::statements()),
        ("verify/schema.rs", vec![("THINGS", schema::THINGS), ("DIALECT", schema::DIALECT)]),
        ("verify/statements.rs", statements::statements()),
    ]
}
