//! The final decision: a final approver whom no duty rule bars approves or rejects, once in a round.

use super::{
    command::{CommandName, non_blank},
    facts::SignOffFacts,
    outcome::Outcome,
    state::{Act, Approval, Review, SignOff, State},
};
use crate::{
    Duration, NextStep, Refusal, RefusalKind, Timestamp,
    duty::Bar,
    event::Event,
    reviewers::{Entitlement, Task},
};

const APPROVE: &str = CommandName::Approve.verb();
const REJECT: &str = CommandName::Reject.verb();

impl SignOff {
    pub(super) fn approve(
        self,
        comment: Option<String>,
        valid_for: Option<Duration>,
        s: &SignOffFacts<'_>,
    ) -> Result<Outcome, Refusal> {
        let comment = non_blank(comment);
        if let State::Approved { approval, .. } = &self.state
            && approval.act.by == s.actor.id
            && approval.act.comment == comment
            && approval.not_after == end(valid_for, approval.act.at, s)
            && approval.not_after.is_none_or(|end| s.now < end)
        {
            return Ok(Outcome::AlreadyDone(self));
        }
        let (review, path) = self.as_final_approver(CommandName::Approve, s)?;
        if comment.is_none() && review.has_open_major_issue() {
            let reason = "a major issue is open, and approving over it needs a comment that says why";
            return Err(s.refuse(&self, APPROVE, RefusalKind::Invalid, reason).next(NextStep::AddComment));
        }
        let not_after = end(valid_for, s.now, s);
        if not_after.is_some_and(|end| end <= s.now) {
            let reason = "the approval would end before it begins";
            return Err(s.refuse(&self, APPROVE, RefusalKind::Invalid, reason).next(NextStep::ChooseLaterEnd));
        }
        let act = Act { by: s.actor.id, signatory: s.signatory(), at: s.now, comment, path: Some(path) };
        let independent = s.decides_independently(&self, &review);
        let approval = Approval { act, not_after, model_digest: s.model_digest, independent };
        let event = Event::Approved {
            step: self.step.clone(),
            round: self.round,
            replaces: self.round_in_force(s),
            approval: approval.clone(),
            shown: review.shown,
            answers: review.answers.clone(),
        };
        self.changed(State::Approved { review, approval }, event)
    }

    pub(super) fn reject(self, comment: Option<String>, s: &SignOffFacts<'_>) -> Result<Outcome, Refusal> {
        let comment = non_blank(comment);
        if let State::Rejected { rejection, .. } = &self.state
            && rejection.by == s.actor.id
            && rejection.comment == comment
        {
            return Ok(Outcome::AlreadyDone(self));
        }
        let (review, path) = self.as_final_approver(CommandName::Reject, s)?;
        if comment.is_none() {
            let reason = "a rejection needs a comment that says why";
            return Err(s.refuse(&self, REJECT, RefusalKind::Invalid, reason).next(NextStep::AddComment));
        }
        let rejection = Act { by: s.actor.id, signatory: s.signatory(), at: s.now, comment, path: Some(path) };
        let event = Event::Rejected {
            step: self.step.clone(),
            round: self.round,
            ends: self.round_in_force(s),
            act: rejection.clone(),
            shown: review.shown,
            answers: review.answers.clone(),
        };
        self.changed(State::Rejected { review, rejection }, event)
    }

    /// The round whose approval is in force while this one, its renewal, is decided.
    fn round_in_force(&self, s: &SignOffFacts<'_>) -> Option<u32> {
        self.renewed().filter(|_| self.approval_in_force(s.now).is_some()).map(|renewed| renewed.round)
    }

    /// The open review, if the actor may decide it now. Straight from feedback too: feedback is optional.
    fn as_final_approver(&self, command: CommandName, s: &SignOffFacts<'_>) -> Result<(Review, Entitlement), Refusal> {
        let verb = command.verb();
        let Some(review) = self.review() else {
            return Err(s.wrong_status(self, verb));
        };
        let able = || s.able(&Task::FinalApproval, self, review);
        if s.entitlement(&Task::FinalApproval, review).is_none() {
            return Err(s.not_entitled(self, command, None, able()));
        }
        let Some(path) = s.path_to_decide(s.actor, self, review) else {
            let by_delegation = "the duty rules bar the person who delegated this to you, and with them you";
            let reason = s.bar(s.actor, self).map_or(by_delegation, Bar::reason);
            return Err(s.ask_others(s.refuse(self, verb, RefusalKind::BarredByDuty, reason), able()));
        };
        match &self.state {
            State::WaitingForFeedback { review } | State::WaitingForApproval { review } => Ok((review.clone(), path)),
            State::Rejected { .. } => Err(Refusal { kind: RefusalKind::AlreadyDecided, ..s.wrong_status(self, verb) }),
            _ => Err(s.wrong_status(self, verb)),
        }
    }
}

/// When an approval given at this moment ends: as long after it as the approver says, and no later than the project's rules allow.
fn end(valid_for: Option<Duration>, given: Timestamp, s: &SignOffFacts<'_>) -> Option<Timestamp> {
    [valid_for, s.rules.approval_valid_for].into_iter().flatten().min().map(|length| given.plus(length))
}
