//! The caller's standing: the roles and parts that the rules of access need.

use crate::{
    Error, OpContext,
    base::{cache::places::Places, person},
};
use domain::{
    GroupId, InfrastructureId, ProjectId, UserId,
    access::{Access, Action, Standing},
    infrastructure::InfrastructureRole,
    people::ProjectRole,
    reviewers::{Reviewers, Task},
    signoff::SignOff,
};
use std::collections::{BTreeSet, HashMap};
use store::{Infrastructure, Project, Reader, User};

/// The caller's standing with respect to a project, and to the sign-offs of one of its versions.
pub(crate) async fn project_standing<'a>(
    op: &OpContext,
    reader: &mut Reader,
    project: &Project,
    signoffs: impl IntoIterator<Item = &'a SignOff>,
) -> Result<Standing, Error> {
    let (user, groups) = (op.user()?, groups(op, reader).await?);
    let roles = project_roles(op, reader, &groups, project.id).await?;
    Ok(in_project(op, user, &groups, &roles, project, signoffs))
}

/// The caller's roles in a project, own and through these groups.
pub(crate) async fn project_roles(
    op: &OpContext,
    reader: &mut Reader,
    groups: &BTreeSet<GroupId>,
    project: ProjectId,
) -> Result<BTreeSet<ProjectRole>, Error> {
    let members = reader.project_roles_in(op.user()?.id, groups, project).await?;
    Ok(members.into_iter().map(|member| member.role).collect())
}

/// The caller's groups.
pub(crate) async fn groups(op: &OpContext, reader: &mut Reader) -> Result<BTreeSet<GroupId>, Error> {
    Ok(reader.group_ids(op.user()?.id).await?.into_iter().collect())
}

/// The same, where the user's roles in the project are at hand too.
pub(crate) fn in_project<'a>(
    op: &OpContext,
    user: &User,
    groups: &BTreeSet<GroupId>,
    roles: &BTreeSet<ProjectRole>,
    project: &Project,
    signoffs: impl IntoIterator<Item = &'a SignOff>,
) -> Standing {
    let person = person::of(user, groups.clone(), roles.clone());
    // An account that cannot review sees all the same what names it, and is told why.
    let assigned = |reviewers: &Reviewers, task: &Task| {
        reviewers.assigned(task).unwrap_or_default().iter().any(|container| container.holds(&person))
    };
    let named = |reviewers: &Reviewers| reviewers.tasks().any(|task| assigned(reviewers, &task));
    let in_round = signoffs.into_iter().flat_map(SignOff::rounds).filter_map(SignOff::review).any(|review| {
        named(&review.reviewers)
            || review
                .delegations
                .iter()
                .any(|delegation| delegation.to == user.id && delegation.until.is_none_or(|until| op.now < until))
    });
    let reviewer = in_round || named(&project.reviewers.0);
    Standing { project: roles.clone(), reviewer, ..Standing::of(user.role, user.kind) }
}

/// The caller's standing with respect to an infrastructure.
pub(crate) async fn infrastructure_standing(
    op: &OpContext,
    reader: &mut Reader,
    infrastructure: &Infrastructure,
) -> Result<Standing, Error> {
    let groups = groups(op, reader).await?;
    Ok(on_infrastructure(op.user()?, &infrastructure_roles(op, reader, &groups, infrastructure).await?))
}

/// The caller's roles on an infrastructure, own and through these groups.
pub(crate) async fn infrastructure_roles(
    op: &OpContext,
    reader: &mut Reader,
    groups: &BTreeSet<GroupId>,
    infrastructure: &Infrastructure,
) -> Result<BTreeSet<InfrastructureRole>, Error> {
    let members = reader.infrastructure_roles_on(op.user()?.id, groups, infrastructure.id).await?;
    Ok(members.into_iter().map(|member| member.role).collect())
}

/// The infrastructures whose deployments the caller may see.
pub(crate) async fn places(op: &OpContext, reader: &mut Reader) -> Result<Places, Error> {
    let user = op.user()?;
    let sees = |roles: &BTreeSet<_>| granted(&on_infrastructure(user, roles), Action::ReadDeployments);
    if sees(&BTreeSet::new()) {
        return Ok(Places::Every);
    }
    let groups = groups(op, reader).await?;
    let mut roles: HashMap<InfrastructureId, BTreeSet<InfrastructureRole>> = HashMap::new();
    for member in reader.infrastructure_roles(user.id, &groups).await? {
        roles.entry(member.infrastructure_id).or_default().insert(member.role);
    }
    Ok(Places::These(roles.into_iter().filter(|(_, roles)| sees(roles)).map(|(id, _)| id).collect()))
}

/// The standing of a user with these roles on an infrastructure.
pub(crate) fn on_infrastructure(user: &User, roles: &BTreeSet<InfrastructureRole>) -> Standing {
    Standing { infrastructure: roles.clone(), ..Standing::of(user.role, user.kind) }
}

/// Whether the caller may do this; for lists, where what is hidden is left out.
pub(crate) fn granted(standing: &Standing, action: Action) -> bool {
    standing.may(action) == Access::Granted
}

/// A user's roles in every project, own and through groups.
pub(crate) async fn roles(reader: &mut Reader, user: UserId) -> Result<HashMap<ProjectId, BTreeSet<ProjectRole>>, Error> {
    let mut roles: HashMap<ProjectId, BTreeSet<ProjectRole>> = HashMap::new();
    for member in reader.project_roles(user).await? {
        roles.entry(member.project_id).or_default().insert(member.role);
    }
    Ok(roles)
}
