//! Compares the stored keys of the log with the events that changed the key, and says which sizes each key signed.

use super::{
    check::Check,
    history::{LogKeyChange, LogKeyPeriod},
};
use crate::{LogKeyRow, Reader, StoreError};
use proof::Sha256;
use std::collections::BTreeMap;

/// Compares the rows with the changes that the log tells of. The first key stands only in its row.
pub(super) async fn check(check: &mut Check<'_>, reader: &mut Reader) -> Result<(), StoreError> {
    let rows = rows(check, reader).await?;
    let changes = check.history.log_key_changes().to_vec();
    for (number, row) in &rows {
        let change = usize::try_from(*number).ok().and_then(|number| changes.get(number.checked_sub(2)?));
        let right = match change {
            Some(LogKeyChange { position, vkey, given_up, .. }) => {
                (row.since, &row.vkey, &row.abandoned) == (*position, vkey, given_up)
            }
            None if *number == 1 => row.since == 0 && row.abandoned.is_none(),
            None => {
                check.found(what(*number), "the key was inserted: no event tells of the key");
                continue;
            }
        };
        if !right {
            check.found(what(*number), "the key was altered: it differs from the event that changed the key of the log");
        }
    }
    let first = rows.get(&1).map(|row| row.vkey.clone());
    // The log itself does not tell the first key. A checkpoint that is given up can be of a key that a restored database does not know.
    if let (Some(first), Some(change)) = (&first, changes.first())
        && change.before != *first
        && change.given_up_head.is_none()
    {
        check.found(format!("events/{}", change.position), "the event names another key than the first key of the log");
    }
    let expected = if first.is_none() && changes.is_empty() { 0 } else { changes.len() as i64 + 1 };
    for number in (1..=expected).filter(|number| !rows.contains_key(number)) {
        check.found(what(number), "the key was deleted");
    }
    check.report.log_keys = periods(first, &changes, reader).await?;
    Ok(())
}

fn what(number: i64) -> String {
    format!("log_keys/{number}")
}

/// The rows that can be read, by their numbers.
async fn rows(check: &mut Check<'_>, reader: &mut Reader) -> Result<BTreeMap<i64, LogKeyRow>, StoreError> {
    let mut rows = BTreeMap::new();
    for row in reader.stored_log_keys().await? {
        match row.read {
            Err(error) => check.found(what(row.number), error.to_string()),
            Ok((_, false)) => check.found(what(row.number), "the key does not bear the seal of the server: another wrote it"),
            Ok((key, true)) => drop(rows.insert(row.number, key)),
        }
    }
    Ok(rows)
}

async fn periods(first: Option<String>, changes: &[LogKeyChange], reader: &mut Reader) -> Result<Vec<LogKeyPeriod>, StoreError> {
    let first = first.map(|vkey| LogKeyPeriod { number: 1, vkey, after: None, until: None, given_up: None });
    let mut periods: Vec<_> = first.into_iter().collect();
    for (number, change) in (2..).zip(changes) {
        if let Some(before) = periods.last_mut() {
            before.until = Some(change.position);
            if let Some(head) = &change.given_up_head
                && !is_root(reader, change.position, head.size, head.root).await
            {
                before.given_up = Some(head.size);
            }
        }
        let vkey = change.vkey.clone();
        periods.push(LogKeyPeriod { number, vkey, after: Some(change.position), until: None, given_up: None });
    }
    Ok(periods)
}

/// Whether a log of this size continued a tree of this size and root. Nodes that are wrong were found before.
async fn is_root(reader: &mut Reader, log: u64, size: u64, root: Sha256) -> bool {
    size <= log && reader.consistency_proof_to(0, size).await.is_ok_and(|proof| proof.root == root)
}
