//! What many questions to the gate have in common: where they are asked, with which rights, and who the people of a project are.

use crate::base::{
    generations::Generations,
    project_people::{PeopleIds, ProjectPeople},
};
use domain::{GroupId, Name, ProjectId, UserId, infrastructure::InfrastructureRole, people::ProjectRole};
use std::{collections::BTreeSet, hash::Hash, sync::Arc};
use store::Infrastructure;

/// How many facts of a kind are remembered.
const MOST: usize = 1_000;

/// How many sets of people are remembered: each may have thousands of accounts.
const MOST_SETS: usize = 50;

/// An infrastructure, and what somebody is there.
#[derive(Debug)]
pub(crate) struct Place {
    pub infrastructure: Infrastructure,
    /// The groups of the account, through which it has roles elsewhere too.
    pub groups: BTreeSet<GroupId>,
    /// The roles on the infrastructure, own and through groups.
    pub roles: BTreeSet<InfrastructureRole>,
}

/// These facts. Any event about people, rules, projects or infrastructures makes all of them old.
pub(crate) struct Rights {
    pub places: Facts<(UserId, Name), Arc<Place>, MOST>,
    pub project_roles: Facts<(UserId, ProjectId), Arc<BTreeSet<ProjectRole>>, MOST>,
    pub people: Facts<(ProjectId, PeopleIds), Arc<ProjectPeople>, MOST_SETS>,
}

impl Rights {
    /// Nothing yet; what is read at this size of the log or later may be remembered.
    pub(super) fn since(size: u64) -> Self {
        Self { places: Facts::since(size), project_roles: Facts::since(size), people: Facts::since(size) }
    }
}

impl Default for Rights {
    fn default() -> Self {
        Self::since(0)
    }
}

/// Facts, each with the size of the log at which it was read.
pub(crate) struct Facts<K, V, const MOST: usize> {
    since: u64,
    known: Generations<K, (u64, V), MOST>,
}

impl<K: Eq + Hash + Send + 'static, V: Clone + Send + 'static, const MOST: usize> Facts<K, V, MOST> {
    fn since(since: u64) -> Self {
        Self { since, known: Generations::default() }
    }

    /// The fact as it was at this size, if it was read by then.
    pub(super) fn at(&self, size: u64, key: &K) -> Option<V> {
        self.known.get(key).filter(|(read_at, _)| *read_at <= size).map(|(_, value)| value.clone())
    }

    /// Remembers a fact, as read at this size.
    pub(super) fn keep(&mut self, size: u64, key: K, value: V) {
        if size >= self.since {
            self.known.insert(key, (size, value));
        }
    }
}
