//! Retiring a version and taking it back. The status of the sign-off stays as it is: what changes is whether the version counts.

use super::{
    command::{CommandName, non_blank},
    facts::SignOffFacts,
    outcome::Outcome,
    state::{Act, SignOff},
};
use crate::{NextStep, Refusal, RefusalKind, event::Event};

impl SignOff {
    pub(super) fn retire(self, comment: Option<String>, s: &SignOffFacts<'_>) -> Result<Outcome, Refusal> {
        const RETIRE: &str = CommandName::Retire.verb();
        s.check_role(&self, CommandName::Retire, self.review(), None)?;
        if s.retired.is_some() {
            return Ok(Outcome::AlreadyDone(self));
        }
        let open = self.status().is_open().then_some(&self.step).or(s.waiting_elsewhere);
        if let Some(step) = open {
            let refusal = s.refuse(&self, RETIRE, RefusalKind::WrongStatus, format!("a review of “{step}” is open"));
            return Err(refusal.next(NextStep::AbandonInstead { version: s.name.clone() }));
        }
        let act = self.with_reason(RETIRE, "retiring a version needs a comment that says why", comment, s)?;
        let (state, event) = (self.state.clone(), Event::VersionRetired { act });
        self.changed(state, event)
    }

    pub(super) fn restore(self, comment: Option<String>, s: &SignOffFacts<'_>) -> Result<Outcome, Refusal> {
        s.check_role(&self, CommandName::Restore, self.review(), None)?;
        if s.retired.is_none() {
            return Ok(Outcome::AlreadyDone(self));
        }
        let reason = "taking a retired version back needs a comment that says why";
        let act = self.with_reason(CommandName::Restore.verb(), reason, comment, s)?;
        let (state, event) = (self.state.clone(), Event::VersionRestored { act });
        self.changed(state, event)
    }

    /// An act of a project manager with the comment that it needs.
    fn with_reason(
        &self,
        command: &'static str,
        reason: &str,
        comment: Option<String>,
        s: &SignOffFacts<'_>,
    ) -> Result<Act, Refusal> {
        let comment = non_blank(comment);
        if comment.is_none() {
            return Err(s.refuse(self, command, RefusalKind::Invalid, reason).next(NextStep::AddComment));
        }
        Ok(Act { by: s.actor.id, signatory: s.signatory(), at: s.now, comment, path: None })
    }
}
