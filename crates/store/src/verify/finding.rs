//! What a check finds.

use serde::Serialize;
use std::fmt;

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
