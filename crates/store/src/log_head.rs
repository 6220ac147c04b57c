//! The head of the log, as the database keeps it under the seal of the server.

use domain::Timestamp;
use proof::merkle::Frontier;

/// The head of the log: the right edge of the tree, and the time of the last event. Both stand under the seal of the head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogHead {
    /// The right edge of the log's tree.
    pub frontier: Frontier,
    /// When the last event was recorded: the present is no earlier, whatever a clock says. None without an event.
    pub last_event_at: Option<Timestamp>,
}
