//! The changes of the log's key, as the record tells of them.

use crate::tx::log::LoggedEvent;
use domain::event::{Actor, Event};
use proof::{Checkpoint, checkpoint};
use std::collections::HashSet;

/// A change of the log's key.
#[derive(Clone, Debug)]
pub struct LogKeyChange {
    /// The position of the event, which also is how many events the log had.
    pub position: u64,
    /// The verifier key before, as the event names it.
    pub before: String,
    /// The verifier key from then on.
    pub vkey: String,
    /// The checkpoint that an operator gave up to go on after a restore; none where the key changed in turn.
    pub given_up: Option<String>,
    /// What the given-up checkpoint says, where the key before signed it.
    pub given_up_head: Option<Checkpoint>,
}

/// A key of the log, with the sizes that it signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogKeyPeriod {
    /// The number of the key, from 1.
    pub number: i64,
    /// The verifier key.
    pub vkey: String,
    /// The size of the log when the key took over: the key signed larger sizes only. None for the first key.
    pub after: Option<u64>,
    /// The size of the log when the next key took over: the key signed no larger size. None for the key of today.
    pub until: Option<u64>,
    /// Where the log was restored without its end: what the key signed up to this size can differ from the log.
    pub given_up: Option<u64>,
}

#[derive(Default)]
pub(super) struct LogKeys {
    changes: Vec<LogKeyChange>,
    /// The verifier keys that events named before.
    named: HashSet<String>,
}

impl LogKeys {
    /// Checks a change of the key against the log before the change, and notes it. Says what is wrong.
    pub fn note(&mut self, position: u64, event: &LoggedEvent) -> Vec<String> {
        let (from, to, mut wrong, given_up, given_up_head) = match &event.event {
            Event::LogKeyChanged { from, to, .. } => (from, to, Vec::new(), None, None),
            Event::LogContinued { from, to, size, given_up, given_up_size, .. } => {
                let head = checkpoint::open(given_up, from).ok();
                let mut wrong = Vec::new();
                if *size != position {
                    wrong.push(format!("the event says that the log had {size} events, and it had {position}"));
                }
                if head.as_ref().map(|head| head.size) != *given_up_size {
                    wrong.push("the event names another size than the checkpoint that it gives up".to_owned());
                }
                (from, to, wrong, Some(given_up.clone()), head)
            }
            _ => return Vec::new(),
        };
        if event.actor != Actor::Console {
            wrong.push("the key of the log was changed elsewhere than on the server's machine".to_owned());
        }
        // A restored database can be older than the change to the key that signed what is given up.
        let before = self.changes.last().map(|change| &change.vkey);
        if before.is_some_and(|before| before != from) && given_up_head.is_none() {
            wrong.push("the event names another key than the key of the log before".to_owned());
        }
        if from == to || self.named.contains(to) {
            wrong.push("the new key of the log is one that the log had before".to_owned());
        } else if checkpoint::check_vkey(to).is_err() {
            wrong.push("the new key of the log is no verifier key".to_owned());
        }
        self.named.extend([from.clone(), to.clone()]);
        self.changes.push(LogKeyChange { position, before: from.clone(), vkey: to.clone(), given_up, given_up_head });
        wrong
    }

    /// The changes in turn.
    pub fn changes(&self) -> &[LogKeyChange] {
        &self.changes
    }
}
