//! Refusals of the sign-off in words: what the status means, who may give the command, and how to go on.

use super::{
    command::CommandName,
    facts::SignOffFacts,
    state::{Act, Review, SignOff, State},
    status::Status,
};
use crate::{
    NextStep, Refusal, RefusalKind, UserId,
    people::{AccountKind, ProjectRole},
    reviewers::{Reviewers, Task},
};
use std::collections::BTreeSet;

impl SignOffFacts<'_> {
    /// A refusal of `command` by this sign-off, without a next step.
    pub(super) fn refuse(
        &self,
        signoff: &SignOff,
        command: &'static str,
        kind: RefusalKind,
        reason: impl Into<String>,
    ) -> Refusal {
        Refusal { kind, command, status: signoff.status(), reason: reason.into(), next: None, who_can: Vec::new() }
    }

    /// The refusal of a command that this status does not know; says what the status means and how to go on.
    pub(super) fn wrong_status(&self, signoff: &SignOff, command: &'static str) -> Refusal {
        let (kind, reason, next) = signoff.standing_in_words(self);
        let who_can = if signoff.is_locked() { self.show(self.holders(ProjectRole::Manager)) } else { Vec::new() };
        Refusal { kind, command, status: signoff.status(), reason, next: Some(Box::new(next)), who_can }
    }

    /// The refusal of every command of an account that changes nothing: a closed one, or an auditor's.
    pub(super) fn cannot_act(&self, signoff: &SignOff, command: CommandName) -> Option<Refusal> {
        let refuse = |reason| self.refuse(signoff, command.verb(), RefusalKind::NotEntitled, reason);
        if !self.actor.active {
            return Some(refuse("your account is closed").next(NextStep::ReopenAccount { user: self.actor.name.clone() }));
        }
        let who_can = || self.role_holders(command, signoff.review(), None);
        (!self.actor.can_act()).then(|| self.ask_others(refuse("an auditor reads everything and changes nothing"), who_can()))
    }

    /// The refusal of what a retired version does not take: everything but a revocation, and being taken back.
    pub(super) fn retired(&self, signoff: &SignOff, command: CommandName) -> Option<Refusal> {
        let goes = matches!(command, CommandName::Retire | CommandName::Restore | CommandName::Revoke);
        (!goes).then(|| self.refuse_retired(signoff, command.verb())).flatten()
    }

    /// The refusal of something else that a retired version does not take.
    pub(super) fn refuse_retired(&self, signoff: &SignOff, what: &'static str) -> Option<Refusal> {
        let retirement = self.retired?;
        let reason = format!("the version was retired by {} at {}", self.directory.show(retirement.by), retirement.at);
        let refusal = self.refuse(signoff, what, RefusalKind::Locked, reason);
        let who_can = self.show(self.holders(ProjectRole::Manager));
        Some(Refusal { who_can, ..refusal }.next(NextStep::RestoreVersion { version: self.name.clone() }))
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
        let roles = command.rule().roles;
        if self.actor.kind == AccountKind::Service && roles.iter().any(|role| role.is_reviewer()) {
            let refusal = self.refuse(signoff, command.verb(), RefusalKind::BarredByDuty, "a service account never reviews");
            return self.ask_others(refusal, who_can);
        }
        let holders: Vec<_> = roles.iter().map(|role| role.holders_in_words(task)).collect();
        let reason = format!("only {} can do that", list(&holders));
        self.ask_others(self.refuse(signoff, command.verb(), RefusalKind::NotEntitled, reason), who_can)
    }

    /// The same refusal, with those who can do it instead. An open round keeps its reviewers whatever happens to those of the project,
    /// so where none of them is left only a reload helps.
    pub(super) fn ask_others(&self, refusal: Refusal, who_can: Vec<UserId>) -> Refusal {
        let who_can = self.show(who_can);
        let next = if who_can.is_empty() && refusal.status.is_open() {
            NextStep::ReloadReviewers { version: self.name.clone() }
        } else if who_can.is_empty() {
            NextStep::ChangeMembers { project: self.name.project.clone() }
        } else {
            NextStep::AskOneOf { people: who_can.clone() }
        };
        Refusal { who_can, ..refusal }.next(next)
    }

    /// An impassable gate must never be a silent one: says whether nobody is assigned, or whom the duty rules bar.
    pub(super) fn nobody_can_approve(&self, signoff: &SignOff, command: &'static str, reviewers: &Reviewers) -> Refusal {
        let assigned: Vec<_> = reviewers.people(&Task::FinalApproval, self.directory).collect();
        let project = self.name.project.clone();
        let (reason, next) = if reviewers.approvers.is_empty() {
            ("no final approver is configured".to_owned(), NextStep::NameApprover { project })
        } else if assigned.is_empty() {
            let containers: Vec<_> = reviewers.approvers.iter().map(|container| self.directory.describe(container)).collect();
            let reason = format!("nobody who can review is in {}", containers.join(", "));
            (reason, NextStep::FillApprovers { project })
        } else {
            let barred: Vec<_> = assigned.iter().map(|person| person.display_name.to_string()).collect();
            (
                format!(
                    "every final approver ({}) is barred by the duty rules as an author, editor or requester",
                    barred.join(", ")
                ),
                NextStep::SeparateDuties { project },
            )
        };
        let reason = format!("nobody could ever give the final approval: {reason}");
        self.refuse(signoff, command, RefusalKind::NobodyCanApprove, reason).next(next)
    }

    /// The display names of these users, nobody twice.
    pub(super) fn show(&self, users: impl IntoIterator<Item = UserId>) -> Vec<String> {
        let mut seen = BTreeSet::new();
        users.into_iter().filter(|user| seen.insert(*user)).map(|user| self.directory.show(user)).collect()
    }
}

impl SignOff {
    /// The status as a reason why something else cannot be done, and how to go on from there.
    fn standing_in_words(&self, s: &SignOffFacts<'_>) -> (RefusalKind, String, NextStep) {
        let by = |act: &Act| format!("by {} at {}", s.directory.show(act.by), act.at);
        let version = s.name.clone();
        match &self.state {
            State::NotStarted { .. } => (
                RefusalKind::WrongStatus,
                "no review was requested in this round".to_owned(),
                NextStep::RequestReview { version },
            ),
            State::WaitingForFeedback { review } => (
                RefusalKind::WrongStatus,
                format!("a review was requested {}, and reviewers are giving feedback", by(&review.requested)),
                NextStep::RequestFinalApproval { version },
            ),
            State::WaitingForApproval { review } => (
                RefusalKind::WrongStatus,
                format!("the final approval is being decided since {}", review.since),
                match review.reviewers.slots.is_empty() {
                    true => NextStep::DecideOrReload { version },
                    false => NextStep::ReturnToFeedback { version },
                },
            ),
            State::Approved { approval, .. } => (
                RefusalKind::AlreadyDecided,
                format!("it was approved {}", by(&approval.act)),
                NextStep::RevokeOrReset { version },
            ),
            State::Rejected { rejection, .. } => (
                RefusalKind::Locked,
                format!("it was rejected {}, and the version is locked", by(rejection)),
                NextStep::OpenNextRound { version },
            ),
            State::Abandoned { abandonment, .. } => (
                RefusalKind::Locked,
                format!("it was abandoned {}, and the version is locked", by(abandonment)),
                NextStep::CancelAbandonOrReset { version },
            ),
            State::Revoked { revocation, .. } => (
                RefusalKind::WrongStatus,
                format!("the approval was revoked {}", by(revocation)),
                NextStep::OpenNextRound { version },
            ),
            State::Expired { at, .. } => {
                (RefusalKind::WrongStatus, format!("the approval expired at {at}"), NextStep::OpenNextRound { version })
            }
        }
    }
}

/// The refusal of a command that only a session may give.
pub(super) fn without_session(command: CommandName, status: Status) -> Refusal {
    let reason = "this token shows that a program asks, and not that its owner does: only a person who has signed in can do that";
    Refusal {
        kind: RefusalKind::SessionRequired,
        command: command.verb(),
        status,
        reason: reason.to_owned(),
        next: Some(Box::new(NextStep::SignIn)),
        who_can: Vec::new(),
    }
}

/// "contributors, managers and the requester".
fn list(words: &[String]) -> String {
    match words {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        _ => words.concat(),
    }
}
