//! Feedback: reviewers of a slot give, change and withdraw it.

use super::{
    command::{CommandName, non_blank},
    facts::SignOffFacts,
    outcome::Outcome,
    state::{Answer, Review, SignOff, State},
    status::{OpenStatus, Verdict},
};
use crate::{NextStep, Refusal, RefusalKind, SlotName, event::Event, reviewers::Entitlement, reviewers::Task};

const GIVE: &str = CommandName::GiveFeedback.verb();

impl SignOff {
    pub(super) fn give_feedback(
        self,
        slot: SlotName,
        verdict: Verdict,
        comment: Option<String>,
        s: &SignOffFacts<'_>,
    ) -> Result<Outcome, Refusal> {
        let (mut review, path) = self.as_reviewer(&slot, CommandName::GiveFeedback, s)?;
        let comment = non_blank(comment);
        if verdict != Verdict::Approve && comment.is_none() {
            let reason = format!("a {verdict} needs a comment that says what is wrong");
            return Err(s.refuse(&self, GIVE, RefusalKind::Invalid, reason).next(NextStep::AddComment));
        }
        let mine = review.answers.iter().position(|answer| answer.slot == slot && answer.by == s.actor.id);
        if let Some(answer) = mine.map(|index| &review.answers[index])
            && answer.verdict == verdict
            && answer.comment == comment
            && !review.is_stale(answer)
        {
            return Ok(Outcome::AlreadyDone(self));
        }
        let replaces = mine.map(|index| match review.answers[index].verdict == verdict {
            // The same issue in other words is still there.
            true => review.answers.remove(index).verdict,
            false => review.take_back(index),
        });
        let event = Event::FeedbackGiven {
            step: self.step.clone(),
            round: self.round,
            slot: slot.clone(),
            verdict,
            comment: comment.clone(),
            path: path.clone(),
            considered: review.shown,
            replaces,
        };
        let considered = review.shown;
        review.answers.push(Answer {
            slot,
            by: s.actor.id,
            signatory: s.signatory(),
            verdict,
            comment,
            at: s.now,
            path,
            considered,
        });
        self.changed(State::open(OpenStatus::WaitingForFeedback, review), event)
    }

    pub(super) fn withdraw_feedback(self, slot: SlotName, s: &SignOffFacts<'_>) -> Result<Outcome, Refusal> {
        let (mut review, _) = self.as_reviewer(&slot, CommandName::WithdrawFeedback, s)?;
        let Some(mine) = review.answers.iter().position(|answer| answer.slot == slot && answer.by == s.actor.id) else {
            return Ok(Outcome::AlreadyDone(self));
        };
        let withdrawn = review.take_back(mine);
        let event = Event::FeedbackWithdrawn { step: self.step.clone(), round: self.round, slot, withdrawn };
        self.changed(State::open(OpenStatus::WaitingForFeedback, review), event)
    }

    /// The review, if the actor may act in the slot now.
    fn as_reviewer(&self, slot: &SlotName, command: CommandName, s: &SignOffFacts<'_>) -> Result<(Review, Entitlement), Refusal> {
        let verb = command.verb();
        let Some(review) = self.review() else {
            return Err(s.wrong_status(self, verb));
        };
        let task = Task::Feedback(slot.clone());
        if !review.has_task(&task) {
            let reason = format!("there is no slot “{slot}” in this round");
            let slots = review.reviewers.slots.iter().map(|slot| slot.name.clone()).collect();
            return Err(s.refuse(self, verb, RefusalKind::Invalid, reason).next(NextStep::ChooseSlot { slots }));
        }
        let Some(path) = s.entitlement(&task, review) else {
            return Err(s.not_entitled(self, command, Some(&task), s.entitled(&task, review)));
        };
        match &self.state {
            State::WaitingForFeedback { review } => Ok((review.clone(), path)),
            _ => Err(s.wrong_status(self, verb)),
        }
    }
}
