//! Where a sign-off can stand, and what a reviewer can think.

use crate::people::words;
use serde::{Deserialize, Serialize};

/// Where a sign-off stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// No review was requested in this round.
    NotStarted,
    /// Reviewers give feedback.
    WaitingForFeedback,
    /// A final approver decides.
    WaitingForApproval,
    /// Approved; in force unless its end has passed.
    Approved,
    /// Rejected; locked.
    Rejected,
    /// Stopped without a decision; locked.
    Abandoned,
    /// Approved once, then taken back.
    Revoked,
    /// Approved once, then past its end.
    Expired,
}

/// What a reviewer thinks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// No objection.
    Approve,
    /// Something to mend, not in the way.
    MinorIssue,
    /// Something in the way: approving over it takes a comment.
    MajorIssue,
}

/// One of the two open statuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OpenStatus {
    /// Reviewers give feedback.
    WaitingForFeedback,
    /// A final approver decides.
    WaitingForApproval,
}

words! {
    Status {
        NotStarted = "not_started", WaitingForFeedback = "waiting_for_feedback", WaitingForApproval = "waiting_for_approval",
        Approved = "approved", Rejected = "rejected", Abandoned = "abandoned", Revoked = "revoked", Expired = "expired"
    }
    Verdict { Approve = "approve", MinorIssue = "minor_issue", MajorIssue = "major_issue" }
}

impl Status {
    /// Whether a review is running.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::WaitingForFeedback | Self::WaitingForApproval)
    }
}
