//! The sign-off of a version: its states, and the commands that change them.
//!
//! A state carries its own data. A command consumes the old state and returns the new state with the event to record.
//! There is no other way to change a status. `docs/rules.md` lists the commands. `apply` carries out each of them.

mod abandon;
mod ask;
mod command;
mod decide;
mod delegate;
mod feedback;
mod lapse;
mod reset;
mod situation;
mod state;

pub use command::{Command, Notify, Until};
pub use situation::Situation;
pub use state::{Act, Answer, Approval, Kept, OpenStatus, Review, State, Status, Verdict};

use crate::{Refusal, RefusalKind, Timestamp, UserId, VersionId, event::Event};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// One version's sign-off in its current round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignOff {
    /// The version.
    pub version: VersionId,
    /// The round, from 1.
    pub round: u32,
    /// Whoever requested a review of this version, in any round.
    pub requesters: BTreeSet<UserId>,
    /// Authors whom the version named in any round and may name no more: for the duty rules they stay authors.
    #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
    pub former_authors: BTreeSet<String>,
    /// Where it stands.
    pub state: State,
}

/// What became of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "made once for a command and taken apart at once")]
pub enum Outcome {
    /// The state changed: save it and record the event.
    Changed(Box<Transition>),
    /// The very same was done before: nothing to save, nothing to record.
    AlreadyDone(SignOff),
}

/// A changed sign-off and what happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transition {
    /// The sign-off from now on. A reset gives the next round.
    pub signoff: SignOff,
    /// What to record.
    pub event: Event,
}

impl SignOff {
    /// The sign-off of a new version: round 1, not started.
    pub fn new(version: VersionId) -> Self {
        let (requesters, former_authors) = (BTreeSet::new(), BTreeSet::new());
        Self { version, round: 1, requesters, former_authors, state: State::NotStarted { kept: None } }
    }

    /// Where it stands, without what it carries.
    pub fn status(&self) -> Status {
        self.state.status()
    }

    /// Whether the version is locked: no step, field, file or reviewer of it changes until a reset.
    pub fn is_locked(&self) -> bool {
        matches!(self.status(), Status::Rejected | Status::Abandoned)
    }

    /// The running or finished review; none before it is requested.
    pub fn review(&self) -> Option<&Review> {
        self.state.review()
    }

    /// The approval in force, if there is one: approved and not past its end.
    pub fn approval_in_force(&self, now: Timestamp) -> Option<&Approval> {
        match &self.state {
            State::Approved { approval, .. } if approval.not_after.is_none_or(|end| now < end) => Some(approval),
            _ => None,
        }
    }

    /// Carries out a command of a person, or says why not.
    ///
    /// # Errors
    /// A [`Refusal`]; the caller keeps the state that it loaded.
    pub fn apply(self, command: Command, situation: &Situation<'_>) -> Result<Outcome, Refusal> {
        if !situation.actor.active {
            return Err(situation.refuse(&self, command.verb(), RefusalKind::NotEntitled, "your account is closed"));
        }
        match command {
            Command::RequestReview { skip_feedback, notify } => self.request_review(skip_feedback, notify, situation),
            Command::GiveFeedback { slot, verdict, comment } => self.give_feedback(slot, verdict, comment, situation),
            Command::WithdrawFeedback { slot } => self.withdraw_feedback(slot, situation),
            Command::RequestFinalApproval => self.request_final_approval(situation),
            Command::BackToFeedback => self.back_to_feedback(situation),
            Command::Approve { comment, valid_for } => self.approve(comment, valid_for, situation),
            Command::Reject { comment } => self.reject(comment, situation),
            Command::Abandon { comment } => self.abandon(comment, situation),
            Command::CancelAbandon => self.cancel_abandon(situation),
            Command::Revoke { comment } => self.revoke(comment, situation),
            Command::Reset { reload_reviewers } => self.reset(reload_reviewers, situation),
            Command::Delegate { task, to, until } => self.delegate(task, to, until, situation),
        }
    }

    fn changed(mut self, state: State, event: Event) -> Result<Outcome, Refusal> {
        self.state = state;
        Ok(Outcome::Changed(Box::new(Transition { signoff: self, event })))
    }
}
