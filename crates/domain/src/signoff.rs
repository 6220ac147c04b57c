//! The sign-off of a version: its states, and the commands that change them.
//!
//! A state carries its own data. A command consumes the old state and returns the new state with the event to record.
//! There is no other way to change a status. `command` and `docs/rules.md` list the commands. `apply` carries out each of them.
//!
//! The files build on each other in this order: `status`, `state`, `rounds` (which rounds count), `command`, `facts` (what the rules need to know besides the
//! sign-off), `refuse`, `outcome`, then one file for each group of commands, and `replay`, which carries out again what an event tells of.

mod abandon;
mod ask;
mod command;
mod decide;
mod delegate;
mod facts;
mod feedback;
mod lapse;
mod outcome;
mod possible;
mod recur;
mod refuse;
mod reload;
mod renew;
mod replay;
mod reset;
mod retire;
mod rounds;
mod stand_in;
mod state;
mod status;
mod take_back;

pub use command::{Command, CommandName, CommandProof, CommandRole, CommandRule, CommandTarget, Until};
pub use facts::SignOffFacts;
pub use outcome::{Outcome, Transition};
pub use possible::PossibleCommand;
pub use replay::Mismatch;
pub use state::{Act, Answer, Approval, Beside, Notify, Review, RoundReviewers, SignOff, State};
pub use status::{OpenStatus, Status, Verdict};

use crate::{Refusal, people::Credential};

impl SignOff {
    /// Carries out a command of a person, or says why not.
    ///
    /// # Errors
    /// A [`Refusal`]; the caller keeps the state that it loaded.
    pub fn apply(self, command: Command, facts: &SignOffFacts<'_>) -> Result<Outcome, Refusal> {
        if let Some(refusal) = facts.cannot_act(&self, command.name()).or_else(|| facts.retired(&self, command.name())) {
            return Err(refusal);
        }
        let (name, status) = (command.name(), self.status());
        // A token that a program holds does not show that a person decides.
        let lacks_person = self.needs_fresh_session(name, facts.approved_elsewhere) && facts.credential != Credential::Session;
        let outcome = self.carry_out(command, facts)?;
        if matches!(outcome, Outcome::Changed(_)) && lacks_person {
            return Err(refuse::without_session(name, status));
        }
        Ok(outcome)
    }

    /// Whether a command on this sign-off needs a session, with a password that was typed a short time ago.
    /// A retirement ends the approvals of every sign-off of the version; the approvals of the others are told beside.
    pub fn needs_fresh_session(&self, command: CommandName, approved_elsewhere: bool) -> bool {
        match command.rule().proof {
            CommandProof::AnyToken => false,
            CommandProof::FreshSession => true,
            CommandProof::WhereApproved => {
                let of_version = matches!(command, CommandName::Retire | CommandName::Restore);
                self.status() == Status::Approved || (of_version && approved_elsewhere)
            }
        }
    }

    fn carry_out(self, command: Command, facts: &SignOffFacts<'_>) -> Result<Outcome, Refusal> {
        match command {
            Command::RequestReview { skip_feedback, notify } => self.request_review(skip_feedback, notify, facts),
            Command::TakeBackRequest => self.take_back_request(facts),
            Command::ReloadReviewers { comment } => self.reload_reviewers(comment, facts),
            Command::RequestRenewal { skip_feedback, notify } => self.request_renewal(skip_feedback, notify, facts),
            Command::GiveFeedback { slot, verdict, comment } => self.give_feedback(slot, verdict, comment, facts),
            Command::WithdrawFeedback { slot } => self.withdraw_feedback(slot, facts),
            Command::RequestFinalApproval => self.request_final_approval(facts),
            Command::BackToFeedback => self.back_to_feedback(facts),
            Command::Approve { comment, valid_for } => self.approve(comment, valid_for, facts),
            Command::Reject { comment } => self.reject(comment, facts),
            Command::Abandon { comment } => self.abandon(comment, facts),
            Command::CancelAbandon => self.cancel_abandon(facts),
            Command::Revoke { comment } => self.revoke(comment, facts),
            Command::Reset { reload_reviewers, comment } => self.reset(reload_reviewers, comment, facts),
            Command::Retire { comment } => self.retire(comment, facts),
            Command::Restore { comment } => self.restore(comment, facts),
            Command::Delegate { task, to, until } => self.delegate(task, to, until, facts),
        }
    }
}
