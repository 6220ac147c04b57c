//! Replays every sign-off from the events about its version, with the rules of `domain` and with the people, rules and reviewers of each
//! position, and compares every round with what the replay leads to. A row that somebody changed for the time of a command, and an
//! event that no command led to, are found here.

mod directories;
mod version;

use super::{finding::Finding, history::History, lanes::Lanes};
use crate::{
    Reader, RoundKey, StoreError,
    query::queries,
    record::column,
    tx::log::LoggedEvent,
    value::{Json, Kind, Value},
};
use directories::Directories;
use domain::{Timestamp, VersionId, signoff::SignOff, signoff::Status};
use std::{collections::HashMap, sync::Arc};
use uuid::Uuid;
use version::{Begun, Replay};

queries! {
    ;
    EVENTS = "SELECT version_id, position, body FROM events WHERE (version_id, position) > ($2, $3) ORDER BY version_id, position LIMIT $1";
    ROUNDS = "SELECT version_id, step, number, status, not_after, signoff FROM rounds WHERE version_id >= $1 AND version_id <= $2";
}

const EVENT: [Kind; 3] = [Kind::Uuid, Kind::Int, Kind::Bytes];
const ROUND: [Kind; 6] = [Kind::Uuid, Kind::Text, Kind::Int, Kind::Text, Kind::Int, Kind::Text];
const PAGE: u32 = 2_000;

/// A stored round, as far as it can be read.
struct Stored {
    status: Status,
    not_after: Option<Timestamp>,
    signoff: SignOff,
}

/// Replays the sign-offs of all versions.
pub(super) async fn check(reader: &mut Reader, history: History) -> Result<Vec<Finding>, StoreError> {
    let (mut lanes, mut findings, mut rest) = (Lanes::new(), Vec::new(), Vec::new());
    let directories = Arc::new(Directories::new(history));
    let mut last = [Value::Uuid(Uuid::nil()), Value::Int(-1)];
    loop {
        let [version, position] = last;
        let mut page = reader.rows(EVENTS, &[Value::Int(PAGE.into()), version, position], &EVENT).await?;
        let is_last = page.is_empty();
        last = page.last().map_or([Value::Null(Kind::Uuid), Value::Int(-1)], |row| [row[0].clone(), row[1].clone()]);
        rest.append(&mut page);
        // The last version of a page may have more events on the next page.
        let open = rest.iter().rposition(|row: &Vec<Value>| row[0] != last[0]).map_or(0, |place| place + 1);
        let next = rest.split_off(if is_last { rest.len() } else { open });
        let events = std::mem::replace(&mut rest, next);
        if let (Some(first), Some(end)) = (events.first(), events.last()) {
            let rounds = reader.rows(ROUNDS, &[first[0].clone(), end[0].clone()], &ROUND).await?;
            let directories = Arc::clone(&directories);
            findings.extend(lanes.begin(move || compare(&directories, events, rounds)).await?.into_iter().flatten());
        }
        if is_last {
            break;
        }
    }
    while let Some(found) = lanes.next().await? {
        findings.extend(found);
    }
    Ok(findings)
}

/// Replays the versions of these events, and compares their rounds.
fn compare(directories: &Directories, events: Vec<Vec<Value>>, rounds: Vec<Vec<Value>>) -> Vec<Finding> {
    let mut stored: HashMap<VersionId, Vec<(RoundKey, Option<Stored>)>> = HashMap::new();
    for (key, round) in rounds.into_iter().filter_map(round) {
        stored.entry(key.version).or_default().push((key, round));
    }
    let mut findings = Vec::new();
    for events in events.chunk_by(|a, b| a[0] == b[0]) {
        // An event that cannot be read was found before, and hides nothing else.
        let parsed: Option<Vec<_>> = events.iter().map(|row| event(row)).collect();
        let (Value::Uuid(id), Some(events)) = (&events[0][0], parsed) else {
            continue;
        };
        let version = VersionId::from_uuid(*id);
        let rounds = stored.remove(&version).unwrap_or_default();
        match Replay::of(directories, version, &events, &begun(&rounds)) {
            Ok(replay) => {
                findings.extend(rounds.into_iter().filter_map(|(key, stored)| differs(&replay, key, stored?)));
            }
            Err(found) => findings.push(found),
        }
    }
    findings
}

/// The steps with a round, each round with the step where the version was when the review was requested.
fn begun(rounds: &[(RoundKey, Option<Stored>)]) -> Begun {
    let requested_at = |stored: &Option<Stored>| stored.as_ref()?.signoff.review()?.requested_at.clone();
    rounds.iter().map(|(key, stored)| ((key.step.clone(), key.number), requested_at(stored))).collect()
}

fn event(row: &[Value]) -> Option<LoggedEvent> {
    match &row[2] {
        Value::Bytes(body) => LoggedEvent::parse(body).ok(),
        _ => None,
    }
}

/// The key of a round, and the round if it can be read: a changed row was found before.
fn round(row: Vec<Value>) -> Option<(RoundKey, Option<Stored>)> {
    const TABLE: &str = "rounds";
    let mut row = row.into_iter();
    let version = column(row.next(), TABLE, "version_id").ok()?;
    let step = column(row.next(), TABLE, "step").ok()?;
    let number = column(row.next(), TABLE, "number").ok()?;
    let status = column(row.next(), TABLE, "status");
    let not_after = column(row.next(), TABLE, "not_after");
    let signoff: Result<Json<SignOff>, _> = column(row.next(), TABLE, "signoff");
    let stored = match (status, not_after, signoff) {
        (Ok(status), Ok(not_after), Ok(signoff)) => Some(Stored { status, not_after, signoff: signoff.0 }),
        _ => None,
    };
    Some((RoundKey { version, step, number }, stored))
}

fn differs(replay: &Replay, key: RoundKey, stored: Stored) -> Option<Finding> {
    let problem = match replay.round(&key.step, key.number) {
        None => "no event tells of the round",
        Some(round) if *round != stored.signoff => "the round differs from what its events lead to",
        Some(round) => {
            let row = crate::Round::of(round, 1, Timestamp::from_micros(0));
            if row.status == stored.status && row.not_after == stored.not_after {
                return None;
            }
            "the round's status or end differs from what its events lead to"
        }
    };
    Some(Finding { what: key.to_string(), problem: problem.to_owned() })
}
