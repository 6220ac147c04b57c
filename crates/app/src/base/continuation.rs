//! What was shown last: that a log with a certain head continues what was signed. The head stands for the whole log, so nothing has to be shown
//! again while the head, the keys and the signed checkpoints are those, and events of this server only move the head.

use proof::{Checkpoint, merkle::Frontier};
use std::sync::{Mutex, MutexGuard, PoisonError};
use store::{Committed, LogKeyRow};

/// A signed checkpoint: the note, and its content.
pub(crate) type Signed = (String, Checkpoint);

/// What the log was compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Compared {
    /// Every key of the log.
    pub keys: Vec<LogKeyRow>,
    /// The note in the file outside of the database.
    pub in_file: Option<String>,
    /// The last note in the database.
    pub stored: Option<String>,
}

/// That a log continues what was signed.
#[derive(Default)]
pub(crate) struct Continuation(Mutex<Option<Shown>>);

struct Shown {
    compared: Compared,
    frontier: Frontier,
    /// The largest checkpoint that the log continues.
    last: Option<Signed>,
}

impl Continuation {
    fn known(&self) -> MutexGuard<'_, Option<Shown>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The largest checkpoint that the log with this head continues. None where that has to be shown first.
    pub fn shown(&self, frontier: &Frontier, compared: &Compared) -> Option<Option<Signed>> {
        let known = self.known();
        known.as_ref().filter(|known| known.frontier == *frontier && known.compared == *compared).map(|known| known.last.clone())
    }

    /// Remembers that the log with this head continues this checkpoint as the largest one.
    pub fn keep(&self, frontier: Frontier, compared: Compared, last: Option<Signed>) {
        *self.known() = Some(Shown { compared, frontier, last });
    }

    /// Goes on from the head before a change of this server to the head after it.
    pub fn follow(&self, committed: &Committed) {
        if let Some(known) = self.known().as_mut().filter(|known| known.frontier == committed.before.frontier) {
            known.frontier = committed.after.frontier.clone();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proof::Sha256;
    use std::collections::HashMap;
    use store::LogHead;

    fn head(size: u64) -> LogHead {
        let mut frontier = Frontier::new();
        for _ in 0..size {
            frontier.append(Sha256::of(b"event"));
        }
        LogHead { frontier, last_event_at: None }
    }

    fn committed(before: u64, after: u64) -> Committed {
        Committed { before: head(before), after: head(after), events: Vec::new(), model_digests: HashMap::new() }
    }

    #[test]
    fn only_events_of_this_server_carry_it_on_and_only_for_these_notes() {
        let compared = |note: &str| Compared { keys: Vec::new(), in_file: Some(note.to_owned()), stored: None };
        let known = Continuation::default();
        let shown = |size: u64, note: &str| known.shown(&head(size).frontier, &compared(note)).is_some();
        assert!(!shown(3, "note"), "nothing was shown yet");
        known.keep(head(3).frontier, compared("note"), None);
        assert!(shown(3, "note") && !shown(3, "another") && !shown(4, "note"));
        known.follow(&committed(4, 5));
        assert!(shown(3, "note") && !shown(5, "note"), "events of somebody else lie between");
        known.follow(&committed(3, 5));
        assert!(shown(5, "note") && !shown(3, "note"));
    }
}
