//! Refusals of the sign-off in words: what the status means, who may give the command, and what to do instead.

use super::{
    command::CommandName,
    facts::SignOffFacts,
    state::{Act, Review, SignOff, State},
};
use crate::{
    Refusal, RefusalKind, UserId,
    people::{Directory, ProjectRole},
    reviewers::Task,
};
use std::collections::BTreeSet;

impl SignOffFacts<'_> {
    /// A refusal of `command` by this sign-off, without hint.
    pub(super) fn refuse(
        &self,
        signoff: &SignOff,
        command: &'static str,
        kind: RefusalKind,
        reason: impl Into<String>,
    ) -> Refusal {
        Refusal { kind, command, status: signoff.status(), reason: reason.into(), hint: None, who_can: Vec::new() }
    }

    /// The refusal of a command that this status does not know; says what the status means and what to do.
    pub(super) fn wrong_status(&self, signoff: &SignOff, command: &'static str) -> Refusal {
        let (kind, reason, hint) = signoff.standing_in_words(self.directory);
        let who_can = if signoff.is_locked() { self.show(self.holders(ProjectRole::Manager)) } else { Vec::new() };
        Refusal { kind, command, status: signoff.status(), reason, hint: Some(hint), who_can }
    }

    /// Refuses a command to an actor who holds none of the roles that may give it. The task is the one that the command is about.
    pub(super) fn check_role(
        &self,
        signoff: &SignOff,
        command: CommandName,
        review: Option<&Review>,
        task: Option<&Task>,
    ) -> Result<(), Refusal> {
        let roles = command.rule().roles;
        if roles.iter().any(|role| self.holds_role(self.actor, *role, review, task)) {
            return Ok(());
        }
        Err(self.not_entitled(signoff, command, task, self.role_holders(command, review, task)))
    }

    /// The refusal of an actor who holds none of the roles that may give the command.
    pub(super) fn not_entitled(
        &self,
        signoff: &SignOff,
        command: CommandName,
        task: Option<&Task>,
        who_can: Vec<UserId>,
    ) -> Refusal {
        let holders: Vec<_> = command.rule().roles.iter().map(|role| role.holders_in_words(task)).collect();
        let reason = format!("this is for {}, and you are none of them", list(&holders));
        self.ask_others(self.refuse(signoff, command.verb(), RefusalKind::NotEntitled, reason), who_can)
    }

    /// The same refusal, with those who can do it instead.
    pub(super) fn ask_others(&self, refusal: Refusal, who_can: Vec<UserId>) -> Refusal {
        let who_can = self.show(who_can);
        let hint = if who_can.is_empty() {
            "Nobody can do this now: ask a project manager to look at the members and reviewers.".to_owned()
        } else {
            format!("Ask one of: {}.", who_can.join(", "))
        };
        Refusal { hint: Some(hint), who_can, ..refusal }
    }

    /// The display names of these users, nobody twice.
    pub(super) fn show(&self, users: impl IntoIterator<Item = UserId>) -> Vec<String> {
        let mut seen = BTreeSet::new();
        users.into_iter().filter(|user| seen.insert(*user)).map(|user| self.directory.show(user)).collect()
    }
}

impl SignOff {
    /// The status as a reason why something else cannot be done, and what to do about it.
    pub(super) fn standing_in_words(&self, directory: &Directory) -> (RefusalKind, String, String) {
        let by = |act: &Act| format!("by {} at {}", directory.show(act.by), act.at);
        let next_round = "A project manager can open the next round: countersign review reset PROJECT/MODEL:VERSION.".to_owned();
        match &self.state {
            State::NotStarted { .. } => (
                RefusalKind::WrongStatus,
                "no review was requested in this round".to_owned(),
                "Ask for one: countersign review request PROJECT/MODEL:VERSION.".to_owned(),
            ),
            State::WaitingForFeedback { review } => (
                RefusalKind::WrongStatus,
                format!("a review was requested {}, and reviewers are giving feedback", by(&review.requested)),
                "Go on to the final approval: countersign review final PROJECT/MODEL:VERSION.".to_owned(),
            ),
            State::WaitingForApproval { review } => (
                RefusalKind::WrongStatus,
                format!("the final approval is being decided since {}", review.since),
                "To change that, go back to feedback: countersign review back PROJECT/MODEL:VERSION.".to_owned(),
            ),
            State::Approved { approval, .. } => (
                RefusalKind::AlreadyDecided,
                format!("it was approved {}", by(&approval.act)),
                "A final decision is never edited: revoke it, or reset for the next round.".to_owned(),
            ),
            State::Rejected { rejection, .. } => {
                (RefusalKind::Locked, format!("it was rejected {}, and the version is locked", by(rejection)), next_round)
            }
            State::Abandoned { abandonment, .. } => (
                RefusalKind::Locked,
                format!("it was abandoned {}, and the version is locked", by(abandonment)),
                "A project manager can cancel the abandon, or reset for the next round.".to_owned(),
            ),
            State::Revoked { revocation, .. } => {
                (RefusalKind::WrongStatus, format!("the approval was revoked {}", by(revocation)), next_round)
            }
            State::Expired { at, .. } => (RefusalKind::WrongStatus, format!("the approval expired at {at}"), next_round),
        }
    }
}

/// "contributors, managers and the requester".
fn list(words: &[String]) -> String {
    match words {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        _ => words.concat(),
    }
}
