//! The end of an approval: a person revokes it, or the clock expires it.

use super::{
    command::{CommandName, non_blank},
    facts::SignOffFacts,
    outcome::{Outcome, Transition},
    state::{Act, Beside, SignOff, State},
};
use crate::{Digest, NextStep, Refusal, RefusalKind, Timestamp, UserId, event::Event, reviewers::Task};

const REVOKE: &str = CommandName::Revoke.verb();
const CHANGE: &str = "change the version's fields";
use std::collections::BTreeSet;

impl SignOff {
    pub(super) fn revoke(self, comment: Option<String>, s: &SignOffFacts<'_>) -> Result<Outcome, Refusal> {
        let comment = non_blank(comment);
        // While a renewal is open, the approval in force is that of the round that it renews.
        if let Some(Beside::Renewed(renewed)) = &self.beside {
            return match (**renewed).clone().revoke(comment, s) {
                Ok(Outcome::Changed(transition)) => Ok(self.with_renewed(*transition)),
                Ok(Outcome::AlreadyDone(_)) => Ok(Outcome::AlreadyDone(self)),
                Err(refusal) => Err(Refusal { status: self.status(), ..refusal }),
            };
        }
        let Some(review) = self.review() else {
            return Err(s.wrong_status(&self, REVOKE));
        };
        // A duty rule bars from approving, not from taking an approval back.
        s.check_role(&self, CommandName::Revoke, Some(review), None)?;
        let path = s.entitlement(&Task::FinalApproval, review);
        match &self.state {
            State::Revoked { revocation, .. } if revocation.by == s.actor.id && revocation.comment == comment => {
                Ok(Outcome::AlreadyDone(self))
            }
            State::Approved { .. } if comment.is_none() => {
                let reason = "revoking needs a comment that says why";
                Err(s.refuse(&self, REVOKE, RefusalKind::Invalid, reason).next(NextStep::AddComment))
            }
            State::Approved { review, approval } => {
                let revocation = Act { by: s.actor.id, signatory: s.signatory(), at: s.now, comment, path };
                let event = Event::Revoked { step: self.step.clone(), round: self.round, act: revocation.clone() };
                let state = State::Revoked { review: review.clone(), approval: approval.clone(), revocation };
                self.changed(state, event)
            }
            _ => Err(s.wrong_status(&self, REVOKE)),
        }
    }

    /// The clock's own command: an approval past its end becomes expired. `None` when there is nothing to expire.
    pub fn expire(self, now: Timestamp) -> Option<Transition> {
        if let Some(Beside::Renewed(renewed)) = &self.beside {
            let expired = (**renewed).clone().expire(now)?;
            return match self.with_renewed(expired) {
                Outcome::Changed(transition) => Some(*transition),
                Outcome::AlreadyDone(_) => None,
            };
        }
        match &self.state {
            State::Approved { review, approval } if approval.not_after.is_some_and(|end| end <= now) => {
                let event = Event::Expired { step: self.step.clone(), round: self.round, not_after: approval.not_after };
                let state = State::Expired { review: review.clone(), approval: approval.clone(), at: now };
                Some(Transition { round: self.round, signoff: Self { state, ..self }, event })
            }
            _ => None,
        }
    }

    /// The open renewal with the end of the approval that it renews. The renewal stays open.
    fn with_renewed(self, Transition { signoff, round, event }: Transition) -> Outcome {
        let signoff = Self { beside: Some(Beside::Renewed(Box::new(signoff))), ..self };
        Outcome::Changed(Box::new(Transition { signoff, round, event }))
    }

    /// Whether the governed fields of the version may change now: before a review and while it is open.
    ///
    /// # Errors
    /// A refusal that says which decision they belong to.
    pub fn fields_may_change(&self, s: &SignOffFacts<'_>) -> Result<(), Refusal> {
        if let Some(refusal) = s.refuse_retired(self, CHANGE) {
            return Err(refusal);
        }
        // An approval that goes on beside its renewal was given for the fields as they are.
        if let Some(renewed) = self.renewed().filter(|_| self.approval_in_force(s.now).is_some()) {
            let refusal = Refusal { status: self.status(), ..s.wrong_status(renewed, CHANGE) };
            return Err(refusal.next(NextStep::RegisterNewVersion { version: s.name.clone() }));
        }
        match self.state {
            State::NotStarted { .. } | State::WaitingForFeedback { .. } | State::WaitingForApproval { .. } => Ok(()),
            // A round that was opened to change a field would end the approval, and every service that rests on it.
            State::Approved { .. } => {
                Err(s.wrong_status(self, CHANGE).next(NextStep::RegisterNewVersion { version: s.name.clone() }))
            }
            _ => Err(s.wrong_status(self, CHANGE)),
        }
    }

    /// Takes note of fields that somebody changed. Answers given before are stale from now on, because they considered something
    /// else. Authors whom the fields name no more stay authors, or else somebody could take out their own name and then approve; and
    /// the editor is an author, or else somebody could write the figures that they approve.
    pub fn fields_changed(
        mut self,
        by: UserId,
        shown: Digest,
        changed: &BTreeSet<String>,
        no_longer_named: impl IntoIterator<Item = String>,
    ) -> Self {
        self.editors.insert(by);
        self.former_authors.extend(no_longer_named);
        if let State::WaitingForFeedback { review } | State::WaitingForApproval { review } = &mut self.state {
            review.shown = shown;
            review.changed.extend(changed.iter().cloned());
        }
        self
    }
}
