//! Stopping a review without a decision, and cancelling that.

use super::{
    command::{CommandName, non_blank},
    facts::SignOffFacts,
    outcome::Outcome,
    state::{Act, Beside, SignOff, State},
};
use crate::{NextStep, Refusal, RefusalKind, event::Event, reviewers::Task};

const ABANDON: &str = CommandName::Abandon.verb();
const CANCEL: &str = CommandName::CancelAbandon.verb();

impl SignOff {
    pub(super) fn abandon(self, comment: Option<String>, s: &SignOffFacts<'_>) -> Result<Outcome, Refusal> {
        let comment = non_blank(comment);
        if let Some(State::Abandoned { abandonment, .. }) = self.given_up().map(|renewal| &renewal.state)
            && abandonment.by == s.actor.id
            && abandonment.comment == comment
        {
            return Ok(Outcome::AlreadyDone(self));
        }
        let Some(review) = self.review() else {
            return Err(s.wrong_status(&self, ABANDON));
        };
        // A duty rule bars from deciding, not from stopping.
        s.check_role(&self, CommandName::Abandon, Some(review), None)?;
        let path = s.entitlement(&Task::FinalApproval, review);
        if let State::Abandoned { abandonment, .. } = &self.state
            && abandonment.by == s.actor.id
            && abandonment.comment == comment
        {
            return Ok(Outcome::AlreadyDone(self));
        }
        if self.status().is_open() && comment.is_none() {
            let reason = "abandoning needs a comment that says why";
            return Err(s.refuse(&self, ABANDON, RefusalKind::Invalid, reason).next(NextStep::AddComment));
        }
        match self.state.clone().into_open() {
            Some((before, review)) => {
                let abandonment = Act { by: s.actor.id, signatory: s.signatory(), at: s.now, comment, path };
                let event = Event::Abandoned { step: self.step.clone(), round: self.round, act: abandonment.clone() };
                self.changed(State::Abandoned { review, before, abandonment }, event)
            }
            None => Err(s.wrong_status(&self, ABANDON)),
        }
    }

    /// Back to the status before, with every answer as it was.
    pub(super) fn cancel_abandon(self, s: &SignOffFacts<'_>) -> Result<Outcome, Refusal> {
        s.check_role(&self, CommandName::CancelAbandon, self.review(), None)?;
        if let Some(Beside::GivenUp(renewal)) = &self.beside
            && matches!(renewal.state, State::Abandoned { .. })
        {
            let renewal = Self { beside: Some(Beside::Renewed(Box::new(self.alone()))), ..(**renewal).clone() };
            return renewal.cancel_abandon(s);
        }
        match &self.state {
            State::Abandoned { review, before, .. } => {
                let state = State::open(*before, review.clone());
                let event = Event::AbandonCancelled { step: self.step.clone(), round: self.round, status: state.status() };
                self.changed(state, event)
            }
            // It is not abandoned (any more): what was asked for is so already.
            State::WaitingForFeedback { .. } | State::WaitingForApproval { .. } => Ok(Outcome::AlreadyDone(self)),
            _ => Err(s.wrong_status(&self, CANCEL)),
        }
    }
}
