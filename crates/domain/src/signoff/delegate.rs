//! Delegation: a reviewer hands a task to another user whom no duty rule bars.

use super::{
    command::{CommandName, Until},
    facts::SignOffFacts,
    outcome::Outcome,
    state::{Review, SignOff, State},
    status::OpenStatus,
};
use crate::{
    NextStep, Refusal, RefusalKind, UserId,
    event::Event,
    reviewers::{Delegation, Entitlement, Task},
};

const DELEGATE: &str = CommandName::Delegate.verb();

impl SignOff {
    pub(super) fn delegate(self, task: Task, to: UserId, until: Option<Until>, s: &SignOffFacts<'_>) -> Result<Outcome, Refusal> {
        let invalid = |reason: &str, next| Err(s.refuse(&self, DELEGATE, RefusalKind::Invalid, reason).next(next));
        let (status, mut review) = self.may_delegate(&task, s)?;
        let Some(delegate) = s.directory.person(to).filter(|person| person.active) else {
            return invalid("there is no such user with an open account", NextStep::ChooseDelegate);
        };
        if to == s.actor.id {
            return invalid("it is yours already", NextStep::ChooseDelegate);
        }
        if !delegate.can_review() {
            return invalid("service accounts and auditors cannot review", NextStep::ChooseDelegate);
        }
        if task == Task::FinalApproval && s.bar(delegate, &self).is_some() {
            let reason = format!(
                "{} is an author, editor or requester of this version, and the duty rules bar them",
                delegate.display_name
            );
            return Err(s.refuse(&self, DELEGATE, RefusalKind::BarredByDuty, reason).next(NextStep::ChooseDelegate));
        }
        let end = |begin| until.map(|until| until.counted_from(begin));
        if end(s.now).is_some_and(|end| end <= s.now) {
            return invalid("the delegation would end before it begins", NextStep::ChooseLaterEnd);
        }
        let mine = |delegation: &Delegation| delegation.task == task && delegation.from == s.actor.id;
        let goes_on = |delegation: &Delegation| delegation.until.is_none_or(|end| s.now < end);
        let same = |delegation: &Delegation| delegation.to == to && delegation.until == end(delegation.at) && goes_on(delegation);
        if review.delegations.iter().any(|delegation| mine(delegation) && same(delegation)) {
            return Ok(Outcome::AlreadyDone(self));
        }
        let until = end(s.now);
        // To one user: a second delegation of the same task replaces the first.
        review.delegations.retain(|delegation| !mine(delegation));
        review.delegations.push(Delegation {
            task: task.clone(),
            from: s.actor.id,
            signatory: s.signatory(),
            to,
            at: s.now,
            until,
        });
        let event = Event::Delegated { step: self.step.clone(), round: self.round, task, to, until, absent: None };
        self.changed(State::open(status, review), event)
    }

    /// The open review, if the actor may hand the task on now, to whomever.
    pub(super) fn may_delegate(&self, task: &Task, s: &SignOffFacts<'_>) -> Result<(OpenStatus, Review), Refusal> {
        let invalid = |reason: &str, next| Err(s.refuse(self, DELEGATE, RefusalKind::Invalid, reason).next(next));
        let Some(review) = self.review() else {
            return Err(s.wrong_status(self, DELEGATE));
        };
        if !review.has_task(task) {
            let slots = review.reviewers.slots.iter().map(|slot| slot.name.clone()).collect();
            return invalid(&format!("there is no slot for {task} in this round"), NextStep::ChooseSlot { slots });
        }
        match s.entitlement(task, review) {
            Some(Entitlement::Assigned { .. }) => {}
            Some(Entitlement::Delegated { from, .. }) => {
                let reason = "the task was itself delegated to you and cannot be handed on";
                return Err(s.ask_others(s.refuse(self, DELEGATE, RefusalKind::NotEntitled, reason), vec![from]));
            }
            None => return Err(s.not_entitled(self, CommandName::Delegate, Some(task), s.able(task, self, review))),
        }
        if *task == Task::FinalApproval
            && let Some(bar) = s.bar(s.actor, self)
        {
            let reason = format!("you may not hand on what you may not do: {}", bar.reason());
            let refusal = s.refuse(self, DELEGATE, RefusalKind::BarredByDuty, reason);
            return Err(s.ask_others(refusal, s.able(task, self, review)));
        }
        let Some(open) = self.state.clone().into_open() else {
            return Err(s.wrong_status(self, DELEGATE));
        };
        if !s.rules.delegation_allowed {
            let next = NextStep::AllowDelegation { project: s.name.project.clone() };
            return invalid("delegation is switched off in this project", next);
        }
        Ok(open)
    }
}
