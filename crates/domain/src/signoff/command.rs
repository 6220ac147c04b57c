//! The commands of people. Expiry is not among them: only the clock expires an approval.

use super::Verdict;
use crate::{Duration, Name, SlotName, Timestamp, UserId, reviewers::Task};
use serde::{Deserialize, Serialize};

/// What a person can ask of a sign-off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Open the round.
    RequestReview {
        /// Go straight to the final approval.
        skip_feedback: bool,
        /// Whom to mail.
        notify: Notify,
    },
    /// Give or change one's feedback in a slot.
    GiveFeedback {
        /// The slot.
        slot: SlotName,
        /// What one thinks.
        verdict: Verdict,
        /// Why; required for issues.
        comment: Option<String>,
    },
    /// Take one's feedback back.
    WithdrawFeedback {
        /// The slot.
        slot: SlotName,
    },
    /// Ask for the final approval.
    RequestFinalApproval,
    /// Let feedback in again.
    BackToFeedback,
    /// Approve.
    Approve {
        /// Why; required over an open major issue.
        comment: Option<String>,
        /// How long the approval holds from then on, if the approver sets an end.
        valid_for: Option<Duration>,
    },
    /// Reject.
    Reject {
        /// Why.
        comment: Option<String>,
    },
    /// Stop without a decision.
    Abandon {
        /// Why.
        comment: Option<String>,
    },
    /// Go on as if it had not been abandoned.
    CancelAbandon,
    /// Take an approval back.
    Revoke {
        /// Why.
        comment: Option<String>,
    },
    /// Open the next round.
    Reset {
        /// Take the reviewers from the project again, instead of keeping this round's with their delegations.
        reload_reviewers: bool,
    },
    /// Hand a task to another user.
    Delegate {
        /// The task.
        task: Task,
        /// To whom.
        to: UserId,
        /// Until when.
        until: Option<Until>,
    },
}

impl Command {
    /// The command as a verb phrase, for messages.
    pub const fn verb(&self) -> &'static str {
        match self {
            Self::RequestReview { .. } => "request a review",
            Self::GiveFeedback { .. } => "give feedback",
            Self::WithdrawFeedback { .. } => "withdraw feedback",
            Self::RequestFinalApproval => "request the final approval",
            Self::BackToFeedback => "go back to feedback",
            Self::Approve { .. } => "approve",
            Self::Reject { .. } => "reject",
            Self::Abandon { .. } => "abandon",
            Self::CancelAbandon => "cancel the abandon",
            Self::Revoke { .. } => "revoke the approval",
            Self::Reset { .. } => "reset the sign-off",
            Self::Delegate { .. } => "delegate",
        }
    }
}

/// When something ends that begins with a command. A length counts from the moment at which the command is carried out, which
/// whoever gives it does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// At this moment.
    Moment(Timestamp),
    /// This much after its beginning.
    Length(Duration),
}

impl Until {
    /// The end of what begins at this moment.
    pub fn counted_from(self, begin: Timestamp) -> Timestamp {
        match self {
            Self::Moment(end) => end,
            Self::Length(length) => begin.plus(length),
        }
    }
}

/// Whom a review request tells.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notify {
    /// Every reviewer.
    #[default]
    All,
    /// Nobody.
    Nobody,
    /// These users.
    Some(Vec<Name>),
}
