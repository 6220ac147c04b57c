//! Taking a review request back, while nobody has answered.

use super::{
    command::CommandName,
    facts::SignOffFacts,
    outcome::Outcome,
    state::{Review, RoundReviewers, SignOff, State},
};
use crate::{NextStep, Refusal, RefusalKind, event::Event};

const TAKE_BACK: &str = CommandName::TakeBackRequest.verb();

impl SignOff {
    /// The round is not started again. The requester of the round stays barred from the approval.
    pub(super) fn take_back_request(self, s: &SignOffFacts<'_>) -> Result<Outcome, Refusal> {
        if self.review().is_none() && self.requesters.contains(&s.actor.id) {
            return Ok(Outcome::AlreadyDone(self));
        }
        // A renewal that was taken back stands behind the approval that it was to renew.
        let renewal = self.given_up().filter(|renewal| renewal.review().is_none());
        if renewal.is_some_and(|renewal| renewal.requesters.contains(&s.actor.id)) {
            return Ok(Outcome::AlreadyDone(self));
        }
        let Some((_, review)) = self.state.clone().into_open() else {
            return Err(s.wrong_status(&self, TAKE_BACK));
        };
        s.check_role(&self, CommandName::TakeBackRequest, Some(&review), None)?;
        if !review.answers.is_empty() {
            let by = s.show(review.answers.iter().map(|answer| answer.by)).join(", ");
            let refusal = s.refuse(&self, TAKE_BACK, RefusalKind::WrongStatus, format!("feedback was given already, by {by}"));
            return Err(refusal.next(NextStep::AbandonInstead { version: s.name.clone() }));
        }
        let event = Event::RequestTakenBack { step: self.step.clone(), round: self.round, back_to: review.requested_at.clone() };
        // Reviewers whom a reset handed on are those of the next request too.
        let reviewers = review.handed_on.then(|| {
            let Review { reviewers, delegations, .. } = review;
            RoundReviewers { reviewers, delegations }
        });
        self.changed(State::NotStarted { reviewers }, event)
    }
}
