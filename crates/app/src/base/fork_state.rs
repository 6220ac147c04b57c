//! Whether the log continues what was signed, as a server found it last.

use std::sync::{Mutex, PoisonError};

/// Why the log is forked, as far as this server knows.
#[derive(Debug, Default)]
pub struct ForkState(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    examined: bool,
    /// The number of the log's key that an operator went on with, as it was seen last.
    continued: Option<u64>,
    forked: Option<String>,
    unsigned: Option<String>,
}

impl ForkState {
    /// Why nothing is signed; none where the log continues what was signed.
    pub fn forked(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).forked.clone()
    }

    /// Why nothing is signed although the log continues: nobody has signed it for long.
    pub(crate) fn unsigned(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).unsigned.clone()
    }

    /// Keeps whether anybody signs the log: whether the operator has to do something, and why nothing is signed any more.
    pub(crate) fn note_unsigned(&self, overdue: bool, refused: Option<String>) {
        metrics::gauge!(UNSIGNED).set(if overdue { 1.0 } else { 0.0 });
        self.0.lock().unwrap_or_else(PoisonError::into_inner).unsigned = refused;
    }

    /// Whether anybody has looked yet.
    pub(crate) fn is_examined(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).examined
    }

    /// Whether an operator went on with an older log since this was asked last: what was known of the log holds no more.
    pub(crate) fn goes_on_with(&self, key: u64) -> bool {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.continued.replace(key) != Some(key)
    }

    /// Keeps what was found.
    pub(crate) fn note(&self, forked: Option<String>) {
        metrics::gauge!(FORKED).set(if forked.is_some() { 1.0 } else { 0.0 });
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (known.examined, known.forked) = (true, forked);
    }
}

/// The metric of the fork.
pub const FORKED: &str = "countersign_log_forked";

/// The metric of a log that nobody signs.
pub const UNSIGNED: &str = "countersign_log_unsigned";

/// Says what these metrics mean.
pub(crate) fn describe_metrics() {
    metrics::describe_gauge!(FORKED, "Whether the log does not continue what was signed: 1 or 0. Then nothing is signed.");
    metrics::describe_gauge!(UNSIGNED, "Whether nobody signs the log: 1 or 0.");
}
