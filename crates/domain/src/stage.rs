//! How far a wait or an end is, as events tell of reminders.

use crate::people::words;
use serde::{Deserialize, Serialize};

/// How far the wait for an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DueStage {
    /// One work day or less is left.
    Soon,
    /// The due date is past.
    Overdue,
    /// The due date is past for so long that the managers of the project are told.
    Escalated,
}

words! { DueStage { Soon = "soon", Overdue = "overdue", Escalated = "escalated" } }

/// How far the end of an approval is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndStage {
    /// There is time for a renewal.
    Early,
    /// It ends in a few days.
    Last,
}

words! { EndStage { Early = "early", Last = "last" } }
