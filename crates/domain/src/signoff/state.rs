//! The states of a sign-off, each with its own data.

use super::{Notify, SignOff};
use crate::{
    Digest, RefusalKind, SlotName, Timestamp, UserId,
    people::{Directory, words},
    reviewers::{Delegation, Entitlement, Reviewers, Task},
};
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

/// Somebody did something, with or without words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// Who.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
    /// Why, in their words.
    pub comment: Option<String>,
    /// By which path they were entitled, where they acted as a reviewer.
    pub path: Option<Entitlement>,
}

/// A review from its request on: all that reviewers and approvers see and do in a round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// Who requested it and when.
    pub requested: Act,
    /// Whether feedback was skipped.
    pub skip_feedback: bool,
    /// Whom the request told.
    pub notify: Notify,
    /// Since when it is in its present status.
    pub since: Timestamp,
    /// The reviewers, as the project had them when the review was requested.
    pub reviewers: Reviewers,
    /// Tasks handed on.
    pub delegations: Vec<Delegation>,
    /// The current answers, one for each reviewer and slot. Earlier ones are in the record.
    pub answers: Vec<Answer>,
    /// The digest of what reviewers are shown now.
    pub shown: Digest,
}

/// A reviewer's current feedback in a slot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The slot.
    pub slot: SlotName,
    /// The reviewer.
    pub by: UserId,
    /// What they think.
    pub verdict: Verdict,
    /// Why.
    pub comment: Option<String>,
    /// When they said it.
    pub at: Timestamp,
    /// By which path they were entitled.
    pub path: Entitlement,
    /// The digest of what they were shown.
    pub considered: Digest,
}

/// A final approval: what it covers and until when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Who, when, why, by which path.
    pub act: Act,
    /// The end of the approval, if it ends.
    pub not_after: Option<Timestamp>,
    /// The exact bytes that it covers.
    pub model_digest: Digest,
}

/// What a reset keeps for the next round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The reviewers of the earlier round.
    pub reviewers: Reviewers,
    /// Their delegations.
    pub delegations: Vec<Delegation>,
}

/// Where a sign-off stands, with what belongs to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case", deny_unknown_fields)]
pub enum State {
    /// No review was requested in this round.
    NotStarted {
        /// Reviewers kept by a reset; the project's are taken otherwise.
        kept: Option<Kept>,
    },
    /// Reviewers give feedback.
    WaitingForFeedback {
        /// The review.
        review: Review,
    },
    /// A final approver decides.
    WaitingForApproval {
        /// The review.
        review: Review,
    },
    /// Approved.
    Approved {
        /// The review as it was decided on.
        review: Review,
        /// The approval.
        approval: Approval,
    },
    /// Rejected.
    Rejected {
        /// The review as it was decided on.
        review: Review,
        /// Who, when, why.
        rejection: Act,
    },
    /// Stopped without a decision.
    Abandoned {
        /// The review as it stood.
        review: Review,
        /// The status to go back to when the abandon is cancelled.
        before: OpenStatus,
        /// Who, when, why.
        abandonment: Act,
    },
    /// Approved once, then taken back: both are kept.
    Revoked {
        /// The review as it was decided on.
        review: Review,
        /// The approval.
        approval: Approval,
        /// Who took it back, when, why.
        revocation: Act,
    },
    /// Approved once, then past its end.
    Expired {
        /// The review as it was decided on.
        review: Review,
        /// The approval.
        approval: Approval,
        /// When the clock found it.
        at: Timestamp,
    },
}

impl State {
    /// The status alone.
    pub const fn status(&self) -> Status {
        match self {
            Self::NotStarted { .. } => Status::NotStarted,
            Self::WaitingForFeedback { .. } => Status::WaitingForFeedback,
            Self::WaitingForApproval { .. } => Status::WaitingForApproval,
            Self::Approved { .. } => Status::Approved,
            Self::Rejected { .. } => Status::Rejected,
            Self::Abandoned { .. } => Status::Abandoned,
            Self::Revoked { .. } => Status::Revoked,
            Self::Expired { .. } => Status::Expired,
        }
    }

    /// The review, once requested.
    pub const fn review(&self) -> Option<&Review> {
        match self {
            Self::NotStarted { .. } => None,
            Self::WaitingForFeedback { review }
            | Self::WaitingForApproval { review }
            | Self::Approved { review, .. }
            | Self::Rejected { review, .. }
            | Self::Abandoned { review, .. }
            | Self::Revoked { review, .. }
            | Self::Expired { review, .. } => Some(review),
        }
    }

    /// An open state of this review.
    pub(super) fn open(status: OpenStatus, review: Review) -> Self {
        match status {
            OpenStatus::WaitingForFeedback => Self::WaitingForFeedback { review },
            OpenStatus::WaitingForApproval => Self::WaitingForApproval { review },
        }
    }

    /// The review of an open state, with its status.
    pub(super) fn into_open(self) -> Option<(OpenStatus, Review)> {
        match self {
            Self::WaitingForFeedback { review } => Some((OpenStatus::WaitingForFeedback, review)),
            Self::WaitingForApproval { review } => Some((OpenStatus::WaitingForApproval, review)),
            _ => None,
        }
    }
}

impl Review {
    /// Whether an answer was given before the governed fields last changed.
    pub fn is_stale(&self, answer: &Answer) -> bool {
        answer.considered != self.shown
    }

    /// The current answers of a slot.
    pub fn answers_in<'a>(&'a self, slot: &'a SlotName) -> impl Iterator<Item = &'a Answer> {
        self.answers.iter().filter(move |answer| answer.slot == *slot)
    }

    /// Slots without any answer.
    pub fn unanswered(&self) -> impl Iterator<Item = &SlotName> {
        self.reviewers.slots.iter().map(|slot| &slot.name).filter(|slot| self.answers_in(slot).next().is_none())
    }

    /// Whether a current answer is a major issue.
    pub fn has_open_major_issue(&self) -> bool {
        self.answers.iter().any(|answer| answer.verdict == Verdict::MajorIssue)
    }

    /// Issues, minor and major, among the current answers.
    pub fn open_issues(&self) -> usize {
        self.answers.iter().filter(|answer| answer.verdict != Verdict::Approve).count()
    }

    /// Whether any container of any task names this task's slot.
    pub fn knows(&self, task: &Task) -> bool {
        self.reviewers.assigned(task).is_some()
    }
}

impl SignOff {
    /// The status as a reason why something else cannot be done, and what to do about it.
    pub(super) fn standing_in_words(&self, directory: &Directory) -> (RefusalKind, String, String) {
        let by = |act: &Act| format!("by {} at {}", directory.show(act.by), act.at);
        let next_round = "A project manager can open the next round: countersign review reset PROJECT/MODEL:VERSION.".to_owned();
        match &self.state {
            State::NotStarted { .. } => (
                RefusalKind::WrongStatus,
                "no review was requested in this round".to_owned(),
                "Ask for one: countersign review request PROJECT/MODEL:VERSION.".to_owned(),
            ),
            State::WaitingForFeedback { review } => (
                RefusalKind::WrongStatus,
                format!("a review was requested {}, and reviewers are giving feedback", by(&review.requested)),
                "Go on to the final approval: countersign review final PROJECT/MODEL:VERSION.".to_owned(),
            ),
            State::WaitingForApproval { review } => (
                RefusalKind::WrongStatus,
                format!("the final approval is being decided since {}", review.since),
                "To change that, go back to feedback: countersign review back PROJECT/MODEL:VERSION.".to_owned(),
            ),
            State::Approved { approval, .. } => (
                RefusalKind::AlreadyDecided,
                format!("it was approved {}", by(&approval.act)),
                "A final decision is never edited: revoke it, or reset for the next round.".to_owned(),
            ),
            State::Rejected { rejection, .. } => {
                (RefusalKind::Locked, format!("it was rejected {}, and the version is locked", by(rejection)), next_round)
            }
            State::Abandoned { abandonment, .. } => (
                RefusalKind::Locked,
                format!("it was abandoned {}, and the version is locked", by(abandonment)),
                "A project manager can cancel the abandon, or reset for the next round.".to_owned(),
            ),
            State::Revoked { revocation, .. } => {
                (RefusalKind::WrongStatus, format!("the approval was revoked {}", by(revocation)), next_round)
            }
            State::Expired { at, .. } => (RefusalKind::WrongStatus, format!("the approval expired at {at}"), next_round),
        }
    }
}
