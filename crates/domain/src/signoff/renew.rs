//! Renewal: an approved version is reviewed again while its approval is in force.

use super::{
    command::CommandName,
    facts::SignOffFacts,
    outcome::{Outcome, Transition},
    state::{Notify, Review, RoundReviewers, SignOff, State},
};
use crate::{NextStep, Refusal, RefusalKind, event::Event, reviewers::Task};

const RENEW: &str = CommandName::RequestRenewal.verb();

impl SignOff {
    /// Opens the next round beside the approval in force, with the project's present reviewers.
    pub(super) fn request_renewal(self, skip_feedback: bool, notify: Notify, s: &SignOffFacts<'_>) -> Result<Outcome, Refusal> {
        s.check_role(&self, CommandName::RequestRenewal, self.review(), None)?;
        match &self.state {
            State::WaitingForFeedback { review } | State::WaitingForApproval { review }
                if self.renews.is_some() && review.is_same_request(s, skip_feedback, &notify) =>
            {
                return Ok(Outcome::AlreadyDone(self));
            }
            State::Approved { approval, .. } if self.approval_in_force(s.now).is_none() => {
                let end = approval.not_after.unwrap_or(s.now);
                let reason = format!("the approval ended at {end}, and only an approval in force is renewed");
                let refusal = s.refuse(&self, RENEW, RefusalKind::WrongStatus, reason);
                return Err(refusal.next(NextStep::OpenNextRound { version: s.name.clone() }));
            }
            State::Approved { .. } => {}
            _ => return Err(s.wrong_status(&self, RENEW)),
        }
        let renews = self.round;
        let round = self.last_round() + 1;
        let mut next = Self { round, renews: Some(renews), beside: None, ..self.clone().with_people_of_given_up() };
        next.requesters.insert(s.actor.id);
        let reviewers = RoundReviewers { reviewers: s.reviewers.clone(), delegations: Vec::new() };
        let (status, review) = Review::requested(s, reviewers, skip_feedback, notify.clone());
        if s.able(&Task::FinalApproval, &next, &review).is_empty() {
            return Err(s.nobody_can_approve(&next, RENEW, &review.reviewers));
        }
        let state = State::open(status, review.clone());
        let event = Event::RenewalRequested {
            step: self.step.clone(),
            round,
            renews,
            status: state.status(),
            skip_feedback,
            notify,
            reviewers: review.reviewers,
            shown: s.shown,
        };
        let signoff = Self::of_rounds(Self { state, ..next }, Some(self.alone()));
        Ok(Outcome::Changed(Box::new(Transition { signoff, round, event })))
    }
}
