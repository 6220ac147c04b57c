//! The reviewers of a project: its slots and final approvers, and the path by which a person is entitled to act.

use crate::{
    SlotName, Timestamp, UserId,
    people::{Container, Directory, Person, Signatory},
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A project's reviewers, copied into each round when the review is requested.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reviewers {
    /// The feedback slots, none or many, in the order in which they are shown.
    pub slots: Vec<Slot>,
    /// Who may give the one final approval.
    pub approvers: Vec<Container>,
}

/// One named feedback group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slot {
    /// Its name, unique among the project's slots.
    pub name: SlotName,
    /// Whom it is assigned to.
    pub assigned: Vec<Container>,
}

/// What a reviewer is asked for: feedback in one slot, or the final approval.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "slot", rename_all = "snake_case")]
pub enum Task {
    /// Feedback in this slot.
    Feedback(SlotName),
    /// The final approval.
    FinalApproval,
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Feedback(slot) => write!(f, "feedback for “{slot}”"),
            Self::FinalApproval => f.write_str("the final approval"),
        }
    }
}

/// A reviewer handed a task to one other user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delegation {
    /// The task.
    pub task: Task,
    /// The reviewer delegated from; keeps the task as well.
    pub from: UserId,
    /// The reviewer, as they were named then; none in records from before this was kept.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub signatory: Option<Signatory>,
    /// The user delegated to; cannot hand it on.
    pub to: UserId,
    /// When it was handed over.
    pub at: Timestamp,
    /// The moment from which it no longer holds, if it ends.
    pub until: Option<Timestamp>,
}

/// By which path somebody was entitled to a task at the moment of acting; kept in the record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Entitlement {
    /// Through a container of the reviewers.
    Assigned {
        /// The first container that holds the person.
        container: Container,
    },
    /// Through a delegation by somebody who is assigned.
    Delegated {
        /// The reviewer delegated from.
        from: UserId,
        /// The container that holds that reviewer.
        container: Container,
    },
}

impl Reviewers {
    /// The containers of a task; `None` where the slot does not exist.
    pub fn assigned(&self, task: &Task) -> Option<&[Container]> {
        match task {
            Task::FinalApproval => Some(&self.approvers),
            Task::Feedback(name) => self.slots.iter().find(|slot| slot.name == *name).map(|slot| slot.assigned.as_slice()),
        }
    }

    /// Every task, the final approval last.
    pub fn tasks(&self) -> impl Iterator<Item = Task> + '_ {
        self.slots.iter().map(|slot| Task::Feedback(slot.name.clone())).chain([Task::FinalApproval])
    }

    /// The container by which a person is assigned to a task, if one is, and the person can review.
    pub fn container_of(&self, task: &Task, person: &Person) -> Option<Container> {
        self.assigned(task)?.iter().copied().find(|container| person.can_review() && container.holds(person))
    }

    /// The people of a directory who are assigned to a task and can review.
    pub fn people<'a>(&'a self, task: &'a Task, directory: &'a Directory) -> impl Iterator<Item = &'a Person> {
        directory.actors().filter(|person| self.container_of(task, person).is_some())
    }

    /// The path by which a person is entitled to a task now. The person's own assignment comes before a delegation. A delegation
    /// counts only while it lasts and while the reviewer who gave it is still assigned.
    pub fn entitlement(
        &self,
        task: &Task,
        person: &Person,
        delegations: &[Delegation],
        directory: &Directory,
        now: Timestamp,
    ) -> Option<Entitlement> {
        if let Some(container) = self.container_of(task, person) {
            return Some(Entitlement::Assigned { container });
        }
        delegations
            .iter()
            .filter(|delegation| person.can_review() && delegation.task == *task && delegation.to == person.id)
            .filter(|delegation| delegation.until.is_none_or(|until| now < until))
            .find_map(|delegation| {
                let container = self.container_of(task, directory.person(delegation.from)?)?;
                Some(Entitlement::Delegated { from: delegation.from, container })
            })
    }
}
