//! The caller, with all that makes a round concern them.

use crate::{Error, OpContext, base::standing, reviews::round_projects::RoundProject};
use domain::{
    GroupId, ProjectId,
    access::{Action, Standing},
    people::ProjectRole,
    signoff::{Review, SignOff, State},
};
use std::collections::{BTreeSet, HashMap};
use store::User;

/// The caller.
pub(super) struct Me<'a> {
    pub user: &'a User,
    groups: BTreeSet<GroupId>,
    roles: HashMap<ProjectId, BTreeSet<ProjectRole>>,
}

impl<'a> Me<'a> {
    pub async fn load(op: &'a OpContext) -> Result<Self, Error> {
        let user = op.user()?;
        let mut reader = op.read().await?;
        let groups = standing::groups(op, &mut reader).await?;
        Ok(Self { user, groups, roles: standing::roles(&mut reader, user.id).await? })
    }

    /// Whether their roles let them see every version of the project.
    pub fn sees_all_of(&self, project: ProjectId) -> bool {
        let project = self.roles.get(&project).cloned().unwrap_or_default();
        let standing = Standing { project, ..Standing::of(self.user.role, self.user.kind) };
        standing::granted(&standing, Action::ReadProject)
    }

    /// Whether they may see a version of the project today, whatever part they once had.
    pub fn sees(&self, op: &OpContext, project: &RoundProject, signoff: &SignOff) -> bool {
        let none = BTreeSet::new();
        let roles = self.roles.get(&project.row.id).unwrap_or(&none);
        let standing = standing::in_project(op, self.user, &self.groups, roles, &project.row, [signoff]);
        standing::granted(&standing, Action::ReadProject)
    }

    /// Whether they requested the review, answered or decided.
    pub fn took_part(&self, signoff: &SignOff) -> bool {
        let decided = match &signoff.state {
            State::Approved { approval, .. } | State::Revoked { approval, .. } | State::Expired { approval, .. } => {
                approval.act.by == self.user.id
            }
            State::Rejected { rejection, .. } => rejection.by == self.user.id,
            State::Abandoned { abandonment, .. } => abandonment.by == self.user.id,
            _ => false,
        };
        let of_review = |review: &Review| {
            review.requested.by == self.user.id || review.answers.iter().any(|answer| answer.by == self.user.id)
        };
        decided || signoff.review().is_some_and(of_review)
    }
}
