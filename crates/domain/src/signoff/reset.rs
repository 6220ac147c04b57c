//! Opens the next round after a decision or an abandon.

use super::{Kept, Outcome, SignOff, Situation, State};
use crate::{Refusal, event::Event, people::ProjectRole};

const RESET: &str = "reset the sign-off";

impl SignOff {
    pub(super) fn reset(self, reload_reviewers: bool, s: &Situation<'_>) -> Result<Outcome, Refusal> {
        if !s.is_manager() {
            return Err(s.not_entitled(&self, RESET, "project managers", s.holders(ProjectRole::Manager)));
        }
        let review = match &self.state {
            // A new round that nothing has happened in: the reset was done already.
            State::NotStarted { kept } if self.round > 1 && kept.is_none() == reload_reviewers => {
                return Ok(Outcome::AlreadyDone(self));
            }
            // Nobody may be left among the kept reviewers who could pass it: without this, no command would lead on.
            State::NotStarted { kept: Some(_) } => return self.next_round(None, reload_reviewers),
            State::NotStarted { .. } | State::WaitingForFeedback { .. } | State::WaitingForApproval { .. } => {
                return Err(s.wrong_status(&self, RESET));
            }
            State::Approved { review, .. }
            | State::Rejected { review, .. }
            | State::Abandoned { review, .. }
            | State::Revoked { review, .. }
            | State::Expired { review, .. } => review,
        };
        let kept =
            (!reload_reviewers).then(|| Kept { reviewers: review.reviewers.clone(), delegations: review.delegations.clone() });
        self.next_round(kept, reload_reviewers)
    }

    fn next_round(self, kept: Option<Kept>, reload_reviewers: bool) -> Result<Outcome, Refusal> {
        let event = Event::Reset { round: self.round, from: self.status(), next_round: self.round + 1, reload_reviewers };
        let next = Self {
            version: self.version,
            round: self.round + 1,
            requesters: self.requesters,
            former_authors: self.former_authors,
            state: State::NotStarted { kept: None },
        };
        next.changed(State::NotStarted { kept }, event)
    }
}
