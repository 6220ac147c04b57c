//! Requests: for the review, for the final approval, and back to feedback.

use super::{
    command::CommandName,
    facts::SignOffFacts,
    outcome::Outcome,
    state::{Act, Notify, Review, RoundReviewers, SignOff, State},
    status::OpenStatus,
};
use crate::{NextStep, Refusal, RefusalKind, event::Event, reviewers::Task};
use std::collections::BTreeSet;

const REQUEST: &str = CommandName::RequestReview.verb();

impl SignOff {
    /// Opens the round: copies the project's reviewers (or those that a reset handed on) into it.
    pub(super) fn request_review(
        mut self,
        skip_feedback: bool,
        notify: Notify,
        s: &SignOffFacts<'_>,
    ) -> Result<Outcome, Refusal> {
        s.check_role(&self, CommandName::RequestReview, self.review(), None)?;
        let handed_on = match &self.state {
            State::NotStarted { reviewers } => reviewers.clone(),
            State::WaitingForFeedback { review } | State::WaitingForApproval { review }
                if self.renews.is_none() && review.is_same_request(s, skip_feedback, &notify) =>
            {
                return Ok(Outcome::AlreadyDone(self));
            }
            State::Approved { .. } if self.approval_in_force(s.now).is_some() => {
                let next = NextStep::RequestRenewal { version: s.name.clone() };
                return Err(s.wrong_status(&self, REQUEST).next(next));
            }
            _ => return Err(s.wrong_status(&self, REQUEST)),
        };
        let requested_at = s.workflow.current().map(|here| here.name.clone());
        if !s.workflow.leads_to_review(&self.step) {
            let here = requested_at.map_or_else(String::new, |here| here.to_string());
            let reason =
                format!("the version is at the step “{here}”, from which the workflow leads to no review of “{}”", self.step);
            return Err(s.refuse(&self, REQUEST, RefusalKind::WrongStatus, reason));
        }
        let is_handed_on = handed_on.is_some();
        let of_project = || RoundReviewers { reviewers: s.reviewers.clone(), delegations: Vec::new() };
        self.requesters.insert(s.actor.id);
        let (status, review) = Review::requested(s, handed_on.unwrap_or_else(of_project), skip_feedback, notify.clone());
        let review = Review { handed_on: is_handed_on, requested_at, ..review };
        if s.able(&Task::FinalApproval, &self, &review).is_empty() {
            return Err(s.nobody_can_approve(&self, REQUEST, &review.reviewers));
        }
        let event = Event::ReviewRequested {
            step: self.step.clone(),
            round: self.round,
            status: State::open(status, review.clone()).status(),
            skip_feedback,
            notify,
            reviewers: review.reviewers.clone(),
            shown: s.shown,
        };
        self.changed(State::open(status, review), event)
    }

    /// Goes on to the final approval; missing answers never block.
    pub(super) fn request_final_approval(self, s: &SignOffFacts<'_>) -> Result<Outcome, Refusal> {
        self.move_between(CommandName::RequestFinalApproval, OpenStatus::WaitingForFeedback, OpenStatus::WaitingForApproval, s)
    }

    /// Lets feedback in again.
    pub(super) fn back_to_feedback(self, s: &SignOffFacts<'_>) -> Result<Outcome, Refusal> {
        self.move_between(CommandName::BackToFeedback, OpenStatus::WaitingForApproval, OpenStatus::WaitingForFeedback, s)
    }

    fn move_between(
        self,
        command: CommandName,
        from: OpenStatus,
        to: OpenStatus,
        s: &SignOffFacts<'_>,
    ) -> Result<Outcome, Refusal> {
        let Some(review) = self.review() else {
            return Err(s.wrong_status(&self, command.verb()));
        };
        s.check_role(&self, command, Some(review), None)?;
        if to == OpenStatus::WaitingForFeedback && review.reviewers.slots.is_empty() && self.status().is_open() {
            let refusal = s.refuse(&self, command.verb(), RefusalKind::Invalid, "this round has no feedback slot");
            return Err(refusal.next(NextStep::DecideOrReload { version: s.name.clone() }));
        }
        match self.state.clone().into_open() {
            Some((status, mut review)) if status == from => {
                review.since = s.now;
                let event = match to {
                    OpenStatus::WaitingForApproval => Event::FinalApprovalRequested {
                        step: self.step.clone(),
                        round: self.round,
                        missing: review.unanswered().cloned().collect(),
                    },
                    OpenStatus::WaitingForFeedback => Event::ReturnedToFeedback { step: self.step.clone(), round: self.round },
                };
                self.changed(State::open(to, review), event)
            }
            Some(_) => Ok(Outcome::AlreadyDone(self)),
            None => Err(s.wrong_status(&self, command.verb())),
        }
    }
}

impl Review {
    /// A review that is requested now, with the status in which it begins: without slots there is no feedback to wait for.
    pub(super) fn requested(s: &SignOffFacts<'_>, of: RoundReviewers, skip_feedback: bool, notify: Notify) -> (OpenStatus, Self) {
        let RoundReviewers { reviewers, delegations } = of;
        let status = match skip_feedback || reviewers.slots.is_empty() {
            true => OpenStatus::WaitingForApproval,
            false => OpenStatus::WaitingForFeedback,
        };
        let requested = Act { by: s.actor.id, signatory: s.signatory(), at: s.now, comment: None, path: None };
        let (since, answers, shown) = (s.now, Vec::new(), s.shown);
        let (handed_on, requested_at) = (false, None);
        let review = Self {
            requested,
            skip_feedback,
            notify,
            since,
            reviewers,
            delegations,
            handed_on,
            requested_at,
            answers,
            past_issues: Vec::new(),
            shown,
            changed: BTreeSet::new(),
        };
        (status, review)
    }

    /// Whether the actor has asked for this review in the very same way.
    pub(super) fn is_same_request(&self, s: &SignOffFacts<'_>, skip_feedback: bool, notify: &Notify) -> bool {
        self.requested.by == s.actor.id && self.skip_feedback == skip_feedback && self.notify == *notify
    }
}
