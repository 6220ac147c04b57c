//! Projects along the log: rules, reviewers and members.

use super::timeline::Timeline;
use crate::tx::log::LoggedEvent;
use domain::{
    GroupId, Name, ProjectId, UserId,
    duty::ProjectRules,
    event::Event,
    people::{Container, ProjectRole},
    reviewers::Reviewers,
};
use std::collections::{BTreeSet, HashMap};

#[derive(Default)]
pub(super) struct Projects(HashMap<ProjectId, Project>);

/// A project.
#[derive(Default)]
pub struct Project {
    name: Option<Name>,
    rules: Timeline<ProjectRules>,
    reviewers: Timeline<Reviewers>,
    members: HashMap<Container, Timeline<Option<ProjectRole>>>,
    changes: Timeline<()>,
}

impl Projects {
    pub fn note(&mut self, position: u64, event: &LoggedEvent) {
        let Some(id) = event.about.project else {
            return;
        };
        let project = self.0.entry(id).or_default();
        match &event.event {
            Event::ProjectCreated { name, rules, .. } => {
                project.name = Some(name.clone());
                project.rules.set(position, rules.clone());
            }
            Event::ProjectRulesChanged { to, .. } => project.rules.set(position, to.clone()),
            Event::ReviewersSet { reviewers } => project.reviewers.set(position, reviewers.clone()),
            Event::ProjectMemberSet { member, role } => project.member(position, *member, Some(*role)),
            Event::ProjectMemberRemoved { member } => project.member(position, *member, None),
            _ => {}
        }
    }

    pub fn get(&self, project: ProjectId) -> Option<&Project> {
        self.0.get(&project)
    }
}

impl Project {
    fn member(&mut self, position: u64, member: Container, role: Option<ProjectRole>) {
        self.members.entry(member).or_default().set(position, role);
        self.changes.set(position, ());
    }

    /// The project's name.
    pub fn name(&self) -> Option<&Name> {
        self.name.as_ref()
    }

    /// The duty rules just before this position.
    pub fn rules(&self, position: u64) -> Option<&ProjectRules> {
        self.rules.before(position)
    }

    /// The reviewers just before this position.
    pub fn reviewers(&self, position: u64) -> Reviewers {
        self.reviewers.before(position).cloned().unwrap_or_default()
    }

    /// The roles of a person just before this position, own and through groups.
    pub(super) fn roles(&self, user: UserId, groups: &BTreeSet<GroupId>, position: u64) -> BTreeSet<ProjectRole> {
        let holds = |member: &Container| match member {
            Container::User(id) => *id == user,
            Container::Group(id) => groups.contains(id),
            Container::Role(_) => false,
        };
        self.members.iter().filter(|(member, _)| holds(member)).filter_map(|(_, role)| *role.before(position)?).collect()
    }

    /// Changes whenever the members do.
    pub(super) fn generation(&self, position: u64) -> usize {
        self.changes.count(position)
    }
}
