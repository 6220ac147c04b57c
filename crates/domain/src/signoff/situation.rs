//! All that the rules need to know beside the sign-off itself, and the questions they ask of it.

use super::{Review, SignOff};
use crate::{
    Digest, Refusal, RefusalKind, Timestamp, UserId,
    duty::{self, Authors, Bar, ProjectRules},
    people::{Directory, Person, ProjectRole},
    reviewers::{Delegation, Entitlement, Reviewers, Task},
};
use std::collections::BTreeSet;

/// Who acts, when, and under which rules. Loaded in the same transaction as the sign-off.
#[derive(Clone, Debug)]
pub struct Situation<'a> {
    /// Who acts.
    pub actor: &'a Person,
    /// Everybody whom the project or its reviewers name.
    pub directory: &'a Directory,
    /// The project's reviewers as they are configured now.
    pub reviewers: &'a Reviewers,
    /// The project's rules as they are now.
    pub rules: &'a ProjectRules,
    /// Who made the version.
    pub authors: &'a Authors,
    /// The model digest of the version's files.
    pub model_digest: Digest,
    /// The digest of the version's governed fields: what reviewers are shown.
    pub shown: Digest,
    /// The moment of acting.
    pub now: Timestamp,
}

impl Situation<'_> {
    /// Contributors and managers of the project.
    pub(super) fn is_contributor(&self) -> bool {
        self.actor.has_role(ProjectRole::Contributor)
    }

    /// Managers of the project.
    pub(super) fn is_manager(&self) -> bool {
        self.actor.has_role(ProjectRole::Manager)
    }

    /// By which path the actor is entitled to a task of this review.
    pub(super) fn entitlement(&self, task: &Task, review: &Review) -> Option<Entitlement> {
        review.reviewers.entitlement(task, self.actor, &review.delegations, self.directory, self.now)
    }

    /// By which path a person may decide: entitled, and barred by no duty rule, neither they nor whoever delegated it to them.
    pub(super) fn path_to_decide(&self, person: &Person, signoff: &SignOff, review: &Review) -> Option<Entitlement> {
        let free = |person: &Person| self.bar(person, signoff).is_none();
        let delegated_freely = |delegation: &&Delegation| self.directory.person(delegation.from).is_some_and(free);
        let delegations: Vec<_> = review.delegations.iter().filter(delegated_freely).cloned().collect();
        let task = Task::FinalApproval;
        let path = review.reviewers.entitlement(&task, person, &delegations, self.directory, self.now)?;
        free(person).then_some(path)
    }

    /// The duty rule that bars a person from this version's final approval.
    pub(super) fn bar(&self, person: &Person, signoff: &SignOff) -> Option<Bar> {
        duty::bar(person, self.authors, &signoff.requesters, self.rules)
    }

    /// Those who can fulfil a task now: entitled, and for the final approval not barred.
    pub fn able(&self, task: &Task, signoff: &SignOff, review: &Review) -> Vec<UserId> {
        match task {
            Task::Feedback(_) => self.entitled(task, review),
            Task::FinalApproval => self.who(|person| self.path_to_decide(person, signoff, review).is_some()),
        }
    }

    /// Those entitled to a task now, the barred ones too: duty rules bar from deciding and from nothing else.
    pub(super) fn entitled(&self, task: &Task, review: &Review) -> Vec<UserId> {
        self.who(|person| review.reviewers.entitlement(task, person, &review.delegations, self.directory, self.now).is_some())
    }

    /// Those who hold a role in the project.
    pub(super) fn holders(&self, role: ProjectRole) -> Vec<UserId> {
        self.who(|person| person.has_role(role))
    }

    fn who(&self, fits: impl Fn(&Person) -> bool) -> Vec<UserId> {
        self.directory.active().filter(|person| fits(person)).map(|person| person.id).collect()
    }

    /// The display names of these users, nobody twice.
    pub(super) fn show(&self, users: impl IntoIterator<Item = UserId>) -> Vec<String> {
        let mut seen = BTreeSet::new();
        users.into_iter().filter(|user| seen.insert(*user)).map(|user| self.directory.show(user)).collect()
    }

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

    /// The refusal of somebody who holds none of the parts.
    pub(super) fn not_entitled(&self, signoff: &SignOff, command: &'static str, parts: &str, who_can: Vec<UserId>) -> Refusal {
        let reason = format!("this is for {parts}, and you are none of them");
        self.ask_others(self.refuse(signoff, command, RefusalKind::NotEntitled, reason), who_can)
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
}

/// A comment with something in it.
pub(super) fn worded(comment: Option<String>) -> Option<String> {
    comment.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}
