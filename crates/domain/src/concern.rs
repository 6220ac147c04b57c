//! The people whom a round may concern, from the sign-off alone: at least the people whom [`turns`](crate::turn::turns) names.
//! The store indexes rounds by these people. The rules then say whose turn it is.

use crate::{
    GroupId, UserId,
    people::{Container, ProjectRole},
    reviewers::Task,
    signoff::{Review, SignOff, State},
};
use std::collections::BTreeSet;

/// Those whom a round may concern.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Concern {
    /// These users. The uploader is another one.
    pub users: BTreeSet<UserId>,
    /// The members of these groups.
    pub groups: BTreeSet<GroupId>,
    /// Everybody with this role in the project, or one that includes it.
    pub role: Option<ProjectRole>,
    /// Whether somebody is expected to act.
    pub due: bool,
}

/// Whom this round may concern.
pub fn concern(signoff: &SignOff) -> Concern {
    let mut concern = Concern { users: signoff.requesters.clone(), ..Concern::default() };
    if let Some(review) = signoff.review() {
        concern.users.insert(review.requested.by);
        concern.users.extend(review.answers.iter().map(|answer| answer.by));
    }
    match &signoff.state {
        State::WaitingForFeedback { review } => {
            concern.reviewers(review, review.reviewers.tasks());
            // When nobody is left to give feedback they go on.
            concern.role(ProjectRole::Contributor);
        }
        State::WaitingForApproval { review } => {
            concern.reviewers(review, [Task::FinalApproval]);
            // When nobody is left to decide they go on.
            concern.role(ProjectRole::Manager);
        }
        State::NotStarted { .. } if signoff.round > 1 && signoff.renews.is_none() => concern.role(ProjectRole::Contributor),
        State::NotStarted { .. } => {}
        State::Approved { approval, .. } => drop(concern.users.insert(approval.act.by)),
        State::Rejected { rejection, .. } => drop(concern.users.insert(rejection.by)),
        State::Abandoned { abandonment, .. } => drop(concern.users.insert(abandonment.by)),
        State::Revoked { approval, .. } | State::Expired { approval, .. } => {
            concern.users.insert(approval.act.by);
            concern.role(ProjectRole::Manager);
        }
    }
    concern
}

impl Concern {
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
