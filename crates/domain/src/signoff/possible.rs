//! What the actor may do with a sign-off now, and why not the rest: the table of commands, each tried on a copy.

use super::{
    command::{Command, CommandName, CommandTarget},
    facts::SignOffFacts,
    outcome::Outcome,
    state::{Notify, SignOff},
    status::Verdict,
};
use crate::{Refusal, SlotName, reviewers::Task};

/// Whether the actor may give a command now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PossibleCommand {
    /// The command.
    pub command: CommandName,
    /// The slot that it is about; none for the review as a whole and for the final approval.
    pub slot: Option<SlotName>,
    /// Why not, as the end of a sentence; none where it is allowed.
    pub reason: Option<String>,
}

impl SignOff {
    /// Every command of the table, for each slot or task that it can be about.
    pub fn possible(&self, s: &SignOffFacts<'_>) -> Vec<PossibleCommand> {
        let reviewers = self.reviewers(s.reviewers);
        let possible = |command: CommandName, task: Task| {
            let reason = self.try_out(command, &task, s).err();
            let slot = match task {
                Task::Feedback(slot) => Some(slot),
                Task::FinalApproval => None,
            };
            PossibleCommand { command, slot, reason }
        };
        let mut all = Vec::new();
        for command in CommandName::ALL {
            match command.rule().target {
                CommandTarget::Review => all.push(possible(*command, Task::FinalApproval)),
                CommandTarget::Slot => {
                    let slots = reviewers.slots.iter().map(|slot| Task::Feedback(slot.name.clone()));
                    all.extend(slots.map(|task| possible(*command, task)));
                }
                CommandTarget::Task => all.extend(reviewers.tasks().map(|task| possible(*command, task))),
            }
        }
        all
    }

    /// Tries a command with some content; gives why it would not be carried out.
    fn try_out(&self, name: CommandName, task: &Task, s: &SignOffFacts<'_>) -> Result<(), String> {
        let comment = Some("…".to_owned());
        let command = match (name, task) {
            (CommandName::RequestReview, _) => Command::RequestReview { skip_feedback: false, notify: Notify::Nobody },
            (CommandName::TakeBackRequest, _) => Command::TakeBackRequest,
            (CommandName::ReloadReviewers, _) => Command::ReloadReviewers { comment },
            (CommandName::RequestRenewal, _) => Command::RequestRenewal { skip_feedback: false, notify: Notify::Nobody },
            (CommandName::GiveFeedback, Task::Feedback(slot)) => {
                Command::GiveFeedback { slot: slot.clone(), verdict: Verdict::MajorIssue, comment }
            }
            (CommandName::WithdrawFeedback, Task::Feedback(slot)) => Command::WithdrawFeedback { slot: slot.clone() },
            (CommandName::RequestFinalApproval, _) => Command::RequestFinalApproval,
            (CommandName::BackToFeedback, _) => Command::BackToFeedback,
            (CommandName::Approve, _) => Command::Approve { comment, valid_for: None },
            (CommandName::Reject, _) => Command::Reject { comment },
            (CommandName::Abandon, _) => Command::Abandon { comment },
            (CommandName::CancelAbandon, _) => Command::CancelAbandon,
            (CommandName::Revoke, _) => Command::Revoke { comment },
            (CommandName::Reset, _) => Command::Reset { reload_reviewers: false, comment },
            (CommandName::Retire, _) => Command::Retire { comment },
            (CommandName::Restore, _) => Command::Restore { comment },
            // To whom is not asked yet.
            (CommandName::Delegate, _) => {
                let never = s.cannot_act(self, name).or_else(|| s.retired(self, name));
                let refusal = never.or_else(|| self.may_delegate(task, s).err());
                return refusal.map_or(Ok(()), |refusal| Err(refusal.reason));
            }
            (CommandName::GiveFeedback | CommandName::WithdrawFeedback, Task::FinalApproval) => {
                return Err("it is about a slot".to_owned());
            }
        };
        match self.clone().apply(command, s) {
            Ok(Outcome::Changed(_)) => Ok(()),
            Ok(Outcome::AlreadyDone(_)) => Err(idle(name).to_owned()),
            Err(Refusal { reason, .. }) => Err(reason),
        }
    }
}

/// Why a command changes nothing. The state can be what the command leads to although nobody ever gave the command.
fn idle(name: CommandName) -> &'static str {
    match name {
        CommandName::WithdrawFeedback => "you have given none",
        CommandName::TakeBackRequest => "no request is open",
        CommandName::ReloadReviewers => "the round has the project's present reviewers",
        CommandName::RequestFinalApproval => "the final approval is being decided",
        CommandName::BackToFeedback => "reviewers are giving feedback",
        CommandName::CancelAbandon => "the review is not abandoned",
        CommandName::Reset => "nothing has happened in this round yet",
        CommandName::Retire => "the version is retired",
        CommandName::Restore => "the version is not retired",
        CommandName::RequestReview
        | CommandName::RequestRenewal
        | CommandName::GiveFeedback
        | CommandName::Approve
        | CommandName::Reject
        | CommandName::Abandon
        | CommandName::Revoke
        | CommandName::Delegate => "it is done already",
    }
}
