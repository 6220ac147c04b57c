//! Verifies every checkpoint, on all cores: its signature by the key that the log had at that size, and its root against the log.

use crate::Error;
use proof::{Sha256, checkpoint};
use std::{collections::HashMap, sync::Arc};
use store::{
    Reader,
    verify::{Finding, Lanes, LogKeyPeriod, PageStart, StoredCheckpoint},
};

/// Checkpoints that are read at once.
const PAGE: u32 = 500;

/// What the log tells of its keys and roots.
pub(super) struct LogHistory {
    pub keys: Vec<LogKeyPeriod>,
    /// The roots at the sizes of the stored checkpoints; none for a size that the log has not reached.
    pub roots: HashMap<u64, Option<Sha256>>,
}

/// Verifies every checkpoint that the database keeps.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn check(log: &Arc<LogHistory>, reader: &mut Reader, findings: &mut Vec<Finding>) -> Result<(), Error> {
    let (mut lanes, mut behind) = (Lanes::new(), PageStart::no_checkpoint());
    loop {
        let page = reader.stored_checkpoints(PAGE, &behind).await?;
        if page.rows.is_empty() {
            break;
        }
        behind = page.last;
        let log = Arc::clone(log);
        let work = move || page.rows.into_iter().filter_map(|stored| log.finding(stored)).collect::<Vec<_>>();
        findings.extend(lanes.begin(work).await?.into_iter().flatten());
    }
    while let Some(found) = lanes.next().await? {
        findings.extend(found);
    }
    Ok(())
}

impl LogHistory {
    fn finding(&self, stored: Result<StoredCheckpoint, store::StoreError>) -> Option<Finding> {
        let stored = match stored {
            Err(error) => return Some(Finding { what: "checkpoints".to_owned(), problem: error.to_string() }),
            Ok(stored) => stored,
        };
        let what = format!("checkpoints/{}/{}", stored.log_key, stored.size);
        self.problem(&stored).map(|problem| Finding { what, problem })
    }

    fn problem(&self, StoredCheckpoint { log_key, size, note }: &StoredCheckpoint) -> Option<String> {
        let Some(key) = self.keys.iter().find(|key| key.number == *log_key) else {
            return Some("the log never had a key of this number".to_owned());
        };
        let signed = match checkpoint::open(note, &key.vkey) {
            Ok(signed) if i64::try_from(signed.size) == Ok(*size) => signed,
            Ok(signed) => return Some(format!("the signed checkpoint covers {} events, and its row says {size}", signed.size)),
            Err(error) => return Some(format!("the key of the log did not sign the checkpoint: {error}")),
        };
        if key.given_up.is_some_and(|given_up| signed.size <= given_up) {
            return None;
        }
        self.time_of_key(key, signed.size).or_else(|| match self.roots.get(&signed.size).copied().flatten() {
            None => Some("the log does not have as many events: an older copy was restored, or the end was cut off".to_owned()),
            Some(root) if root != signed.root => {
                Some("the events differ from those that the checkpoint covers: the log was rewritten".to_owned())
            }
            Some(_) => None,
        })
    }

    /// What is wrong with the key of a checkpoint that was kept outside of the database, where a trusted key signed it.
    pub fn wrong_key(&self, note: &str, size: u64) -> Option<String> {
        let signed = |key: &&LogKeyPeriod| checkpoint::open(note, &key.vkey).is_ok();
        let mut wrong = Some("the log never had the key that signed the checkpoint".to_owned());
        for key in self.keys.iter().filter(signed) {
            if key.given_up.is_some_and(|given_up| size <= given_up) {
                return None;
            }
            wrong = Some(self.time_of_key(key, size)?);
        }
        wrong
    }

    /// What is wrong where a key signed a checkpoint of this size.
    fn time_of_key(&self, key: &LogKeyPeriod, size: u64) -> Option<String> {
        match (key.after, key.until) {
            (Some(after), _) if size <= after => {
                Some(format!("the log had this key only after {after} events, and the checkpoint covers {size}"))
            }
            (_, Some(until)) if size > until => {
                Some(format!("another key took over after {until} events, and the checkpoint covers {size}"))
            }
            _ => None,
        }
    }
}
