//! What many questions to the gate have in common: where they are asked, with which rights, and who the people of a project are.

use crate::base::project_people::{PeopleIds, ProjectPeople};
use domain::{GroupId, Name, ProjectId, UserId, infrastructure::InfrastructureRole, people::ProjectRole};
use std::{
    collections::{BTreeSet, HashMap},
    hash::Hash,
    sync::Arc,
};
use store::Infrastructure;

/// How many facts of a kind are remembered. Where they become more, they are read anew.
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
    pub places: Facts<(UserId, Name), Arc<Place>>,
    pub project_roles: Facts<(UserId, ProjectId), Arc<BTreeSet<ProjectRole>>>,
    pub people: Facts<(ProjectId, PeopleIds), Arc<ProjectPeople>>,
}

impl Rights {
    /// Nothing yet; what is read at this size of the log or later may be remembered.
    pub(super) fn since(size: u64) -> Self {
        Self { places: Facts::since(size, MOST), project_roles: Facts::since(size, MOST), people: Facts::since(size, MOST_SETS) }
    }
}

impl Default for Rights {
    fn default() -> Self {
        Self::since(0)
    }
}

/// Facts, each with the size of the log at which it was read.
pub(crate) struct Facts<K, V> {
    since: u64,
    most: usize,
    known: HashMap<K, (u64, V)>,
}

impl<K: Eq + Hash, V: Clone> Facts<K, V> {
    fn since(since: u64, most: usize) -> Self {
        Self { since, most, known: HashMap::new() }
    }

    /// The fact as it was at this size, if it was read by then.
    pub(super) fn at(&self, size: u64, key: &K) -> Option<V> {
        self.known.get(key).filter(|(read_at, _)| *read_at <= size).map(|(_, value)| value.clone())
    }

    /// Remembers a fact, as read at this size.
    pub(super) fn keep(&mut self, size: u64, key: K, value: V) {
        if size < self.since {
            return;
        }
        if self.known.len() >= self.most {
            self.known.clear();
        }
        self.known.insert(key, (size, value));
    }
}
