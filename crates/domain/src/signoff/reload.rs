//! Takes the project's present reviewers into an open round: the way on where the round's own approver has left.

use super::{
    command::{CommandName, non_blank},
    facts::SignOffFacts,
    outcome::Outcome,
    state::{Act, SignOff, State},
};
use crate::{NextStep, Refusal, RefusalKind, event::Event, reviewers::Task};

const RELOAD: &str = CommandName::ReloadReviewers.verb();

impl SignOff {
    /// The status stays, and so do the answers and delegations of slots that remain. A delegation counts only while the reviewer who
    /// gave it is assigned.
    pub(super) fn reload_reviewers(self, comment: Option<String>, s: &SignOffFacts<'_>) -> Result<Outcome, Refusal> {
        s.check_role(&self, CommandName::ReloadReviewers, self.review(), None)?;
        let Some((status, mut review)) = self.state.clone().into_open() else {
            return Err(s.wrong_status(&self, RELOAD));
        };
        let before = review.clone();
        review.reviewers = s.reviewers.clone();
        review.handed_on = false;
        let tasks: Vec<_> = review.reviewers.tasks().collect();
        review.answers.retain(|answer| tasks.contains(&Task::Feedback(answer.slot.clone())));
        review.delegations.retain(|delegation| tasks.contains(&delegation.task));
        if s.able(&Task::FinalApproval, &self, &review).is_empty() {
            return Err(s.nobody_can_approve(&self, RELOAD, &review.reviewers));
        }
        if review.reviewers == before.reviewers {
            return Ok(Outcome::AlreadyDone(self));
        }
        let comment = non_blank(comment);
        if comment.is_none() {
            let reason = "reloading the reviewers of an open round needs a comment that says why";
            return Err(s.refuse(&self, RELOAD, RefusalKind::Invalid, reason).next(NextStep::AddComment));
        }
        let act = Act { by: s.actor.id, signatory: s.signatory(), at: s.now, comment, path: None };
        let (step, round, reviewers) = (self.step.clone(), self.round, review.reviewers.clone());
        self.changed(State::open(status, review), Event::ReviewersReloaded { step, round, act, reviewers })
    }
}
