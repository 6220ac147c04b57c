//! Opens the next round after a decision or an abandon.

use super::{
    command::{CommandName, non_blank},
    facts::SignOffFacts,
    outcome::Outcome,
    state::{RoundReviewers, SignOff, State},
};
use crate::{NextStep, Refusal, RefusalKind, event::Event};

const RESET: &str = CommandName::Reset.verb();

impl SignOff {
    pub(super) fn reset(self, reload_reviewers: bool, comment: Option<String>, s: &SignOffFacts<'_>) -> Result<Outcome, Refusal> {
        s.check_role(&self, CommandName::Reset, self.review(), None)?;
        let comment = non_blank(comment);
        let review = match &self.state {
            // A new round that nothing has happened in: the reset was done already.
            State::NotStarted { reviewers } if self.round > 1 && reviewers.is_none() == reload_reviewers => {
                return Ok(Outcome::AlreadyDone(self));
            }
            // Nobody may be left among the reviewers of the last round who could pass it: without this, no command would lead on.
            State::NotStarted { reviewers: Some(_) } => return self.next_round(None, reload_reviewers, comment),
            State::NotStarted { .. } => return Err(s.wrong_status(&self, RESET)),
            // An open round needs no next one: it is decided, or given up first.
            State::WaitingForFeedback { .. } | State::WaitingForApproval { .. } => {
                return Err(s.wrong_status(&self, RESET).next(NextStep::DecideOrAbandon { version: s.name.clone() }));
            }
            State::Approved { .. } if comment.is_none() => {
                let reason = "resetting an approved version ends its approval at once, and needs a comment that says why";
                return Err(s.refuse(&self, RESET, RefusalKind::Invalid, reason).next(NextStep::AddComment));
            }
            State::Approved { review, .. }
            | State::Rejected { review, .. }
            | State::Abandoned { review, .. }
            | State::Revoked { review, .. }
            | State::Expired { review, .. } => review,
        };
        let of_this_round = RoundReviewers { reviewers: review.reviewers.clone(), delegations: review.delegations.clone() };
        let handed_on = (!reload_reviewers).then_some(of_this_round);
        self.next_round(handed_on, reload_reviewers, comment)
    }

    fn next_round(
        self,
        reviewers: Option<RoundReviewers>,
        reload_reviewers: bool,
        comment: Option<String>,
    ) -> Result<Outcome, Refusal> {
        let event = Event::Reset {
            step: self.step.clone(),
            round: self.round,
            from: self.status(),
            next_round: self.last_round() + 1,
            reload_reviewers,
            comment,
        };
        let round = self.last_round() + 1;
        let this = self.with_people_of_given_up();
        let next = Self {
            version: this.version,
            step: this.step.clone(),
            round,
            requesters: this.requesters,
            former_authors: this.former_authors,
            editors: this.editors,
            renews: None,
            state: State::NotStarted { reviewers: None },
            beside: None,
        };
        next.changed(State::NotStarted { reviewers }, event)
    }
}
