//! The people whom a round may concern, from the sign-off alone: at least the people whom [`turns`](crate::turn::turns) names.
//! The store indexes rounds by these people. The rules then say whose turn it is.

use crate::{
    GroupId, UserId,
    people::{Container, ProjectRole},
    reviewers::Task,
    signoff::{Review, SignOff, State},
};
use std::collections::BTreeSet;

/// The people whom a round may concern.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoundPeople {
    /// These users. The uploader is another one.
    pub users: BTreeSet<UserId>,
    /// The members of these groups.
    pub groups: BTreeSet<GroupId>,
    /// Everybody with this role in the project, or one that includes it.
    pub role: Option<ProjectRole>,
    /// Whether somebody is expected to act.
    pub due: bool,
}

impl RoundPeople {
    /// The people of this round.
    pub fn of(signoff: &SignOff) -> Self {
        let mut people = Self { users: signoff.requesters.clone(), ..Self::default() };
        if let Some(review) = signoff.review() {
            people.users.insert(review.requested.by);
            people.users.extend(review.answers.iter().map(|answer| answer.by));
        }
        match &signoff.state {
            State::WaitingForFeedback { review } => {
                people.reviewers(review, review.reviewers.tasks());
                // When nobody is left to give feedback they go on.
                people.role(ProjectRole::Contributor);
            }
            State::WaitingForApproval { review } => {
                people.reviewers(review, [Task::FinalApproval]);
                // When nobody is left to decide they go on.
                people.role(ProjectRole::Manager);
            }
            State::NotStarted { .. } if signoff.round > 1 && signoff.renews.is_none() => people.role(ProjectRole::Contributor),
            State::NotStarted { .. } => {}
            State::Approved { approval, .. } => drop(people.users.insert(approval.act.by)),
            State::Rejected { rejection, .. } => drop(people.users.insert(rejection.by)),
            State::Abandoned { abandonment, .. } => drop(people.users.insert(abandonment.by)),
            State::Revoked { approval, .. } | State::Expired { approval, .. } => {
                people.users.insert(approval.act.by);
                people.role(ProjectRole::Manager);
            }
        }
        people
    }

    fn reviewers(&mut self, review: &Review, tasks: impl IntoIterator<Item = Task>) {
        self.due = true;
        for task in tasks {
            let delegations = review.delegations.iter().filter(|delegation| delegation.task == task);
            self.users.extend(delegations.map(|delegation| delegation.to));
            for container in review.reviewers.assigned(&task).unwrap_or_default() {
                match container {
                    Container::User(user) => drop(self.users.insert(*user)),
                    Container::Group(group) => drop(self.groups.insert(*group)),
                    Container::Role(role) => self.role(*role),
                }
            }
        }
    }

    /// Keeps the lowest role: a person with a higher role has the lower role too.
    fn role(&mut self, role: ProjectRole) {
        self.due = true;
        self.role = self.role.max(Some(role));
    }
}
