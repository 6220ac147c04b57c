//! All that the rules need to know beside the sign-off itself, and the questions they ask of it.

use super::{
    command::{CommandName, CommandRole},
    state::{Act, Review, SignOff},
};
use crate::{
    Digest, StepName, Timestamp, UserId, VersionRef,
    authors::Authors,
    duty::{self, Bar, ProjectRules},
    invitation::PasswordOrigin,
    people::{Credential, Directory, Person, ProjectRole, Signatory},
    reviewers::{Delegation, Entitlement, Reviewers, Task},
    workflow::Workflow,
};

/// Who acts, when, and under which rules. Loaded in the same transaction as the sign-off.
#[derive(Clone, Debug)]
pub struct SignOffFacts<'a> {
    /// The version's name.
    pub name: &'a VersionRef,
    /// Who acts.
    pub actor: &'a Person,
    /// What showed who acts.
    pub credential: Credential,
    /// How the actor's account came by its password.
    pub password: Option<&'a PasswordOrigin>,
    /// Everybody whom the project or its reviewers name.
    pub directory: &'a Directory,
    /// The project's reviewers as they are configured now.
    pub reviewers: &'a Reviewers,
    /// The project's rules as they are now.
    pub rules: &'a ProjectRules,
    /// Who made the version.
    pub authors: &'a Authors,
    /// The version's workflow, with the step where the version is.
    pub workflow: &'a Workflow,
    /// Who retired the version, and why; none for a version that is not retired.
    pub retired: Option<&'a Act>,
    /// The step of another sign-off of the version whose review is open.
    pub waiting_elsewhere: Option<&'a StepName>,
    /// Whether another sign-off of the version is approved.
    pub approved_elsewhere: bool,
    /// The model digest of the version's files.
    pub model_digest: Digest,
    /// The digest of the version's governed fields: what reviewers are shown.
    pub shown: Digest,
    /// The moment of acting.
    pub now: Timestamp,
}

impl SignOffFacts<'_> {
    /// The actor, as they are named now.
    pub(super) fn signatory(&self) -> Option<Signatory> {
        let Person { name, display_name, .. } = self.actor;
        Some(Signatory {
            account: name.clone(),
            display_name: display_name.clone(),
            credential: self.credential,
            password: self.password.cloned(),
        })
    }

    /// Whether a person holds a role that may give a command. The task is the one that the command is about.
    pub(super) fn holds_role(&self, person: &Person, role: CommandRole, review: Option<&Review>, task: Option<&Task>) -> bool {
        let path = |task| self.path(person, task, review?);
        match role {
            CommandRole::Contributor => person.has_role(ProjectRole::Contributor),
            CommandRole::Manager => person.has_role(ProjectRole::Manager),
            CommandRole::Requester => review.is_some_and(|review| review.requested.by == person.id),
            CommandRole::FinalApprover => path(&Task::FinalApproval).is_some(),
            CommandRole::Reviewer => task.and_then(path).is_some(),
            CommandRole::Delegator => matches!(task.and_then(path), Some(Entitlement::Assigned { .. })),
        }
    }

    /// Those who hold one of the roles that may give a command, role by role.
    pub(super) fn role_holders(&self, command: CommandName, review: Option<&Review>, task: Option<&Task>) -> Vec<UserId> {
        let holders = |role: &CommandRole| self.who(|person| self.holds_role(person, *role, review, task));
        command.rule().roles.iter().flat_map(holders).collect()
    }

    /// By which path the actor is entitled to a task of this review.
    pub(super) fn entitlement(&self, task: &Task, review: &Review) -> Option<Entitlement> {
        self.path(self.actor, task, review)
    }

    fn path(&self, person: &Person, task: &Task, review: &Review) -> Option<Entitlement> {
        review.reviewers.entitlement(task, person, &review.delegations, self.directory, self.now)
    }

    /// The path by which a person may decide. No duty rule may bar the person, nor the reviewer who delegated to them.
    pub(super) fn path_to_decide(&self, person: &Person, signoff: &SignOff, review: &Review) -> Option<Entitlement> {
        let free = |person: &Person| self.bar(person, signoff).is_none();
        let delegated_freely = |delegation: &&Delegation| self.directory.person(delegation.from).is_some_and(free);
        let delegations: Vec<_> = review.delegations.iter().filter(delegated_freely).cloned().collect();
        let task = Task::FinalApproval;
        let path = review.reviewers.entitlement(&task, person, &delegations, self.directory, self.now)?;
        free(person).then_some(path)
    }

    /// Whether the actor could decide under the strictest duty rules too.
    pub(super) fn decides_independently(&self, signoff: &SignOff, review: &Review) -> bool {
        let strictest = ProjectRules { author_may_approve: false, requester_may_approve: false, ..self.rules.clone() };
        let facts = SignOffFacts { rules: &strictest, ..self.clone() };
        facts.path_to_decide(facts.actor, signoff, review).is_some()
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
        self.who(|person| self.path(person, task, review).is_some())
    }

    /// Those who hold a role in the project.
    pub(super) fn holders(&self, role: ProjectRole) -> Vec<UserId> {
        self.who(|person| person.has_role(role))
    }

    fn who(&self, fits: impl Fn(&Person) -> bool) -> Vec<UserId> {
        self.directory.actors().filter(|person| fits(person)).map(|person| person.id).collect()
    }
}
