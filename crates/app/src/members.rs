//! Members: giving users and groups roles in a project or on an infrastructure, and taking them away.
//!
//! The last one who can keep it is neither removed nor given a lesser role here. Whoever closes an account or empties a group is not
//! asked that; then administrators keep it, who always can.

use crate::{
    Error, OpContext, create_infrastructure, create_project,
    error::Kind,
    find, show,
    views::{self, Done, SetInfrastructureMemberRequest, SetProjectMemberRequest},
};
use domain::{
    GroupId, Name, UserId,
    access::{Action, Scope},
    event::Event,
    infrastructure::InfrastructureRole,
    people::{AccountKind, InstanceRole, ProjectRole},
};
use store::{Infrastructure, InfrastructureMember, MemberKind, Project, ProjectMember, Reader, User};
use uuid::Uuid;

/// Gives a user or group a role in a project, in place of the one it has.
///
/// # Errors
/// Not a manager of the project; no such user or group; the project would lose its last manager.
pub async fn set_project_member(
    op: &OpContext,
    project: &Name,
    member: &str,
    request: SetProjectMemberRequest,
) -> Result<Done<views::Project>, Error> {
    op.needs(Scope::Administer)?;
    let (ref op, mut tx) = op.write().await?;
    let project = find::project(op, &mut tx, project, Action::ManageProject).await?;
    let (member_kind, member_id, container) = find::member(&mut tx, member, "member").await?;
    let row = ProjectMember { project_id: project.id, member_kind, member_id, role: request.role };
    match tx.project_member(project.id, member_kind, member_id).await? {
        Some(before) if before == row => {
            return Ok(Done { already_done: true, result: show::project(&mut tx, &project).await? });
        }
        Some(before) => {
            keep_a_manager(&mut tx, &project, &before).await?;
            tx.update(&row).await?;
        }
        None => tx.insert(&row).await?,
    }
    tx.record(Event::ProjectMemberSet { member: container, role: row.role }, create_project::about(&project));
    let result = show::project(&mut tx, &project).await?;
    tx.commit().await?;
    Ok(Done { already_done: false, result })
}

/// Takes away the role that a user or group has in a project.
///
/// # Errors
/// Not a manager of the project; no such user or group; the project would lose its last manager.
pub async fn remove_project_member(op: &OpContext, project: &Name, member: &str) -> Result<Done<views::Project>, Error> {
    op.needs(Scope::Administer)?;
    let (ref op, mut tx) = op.write().await?;
    let project = find::project(op, &mut tx, project, Action::ManageProject).await?;
    let (kind, id, container) = find::member(&mut tx, member, "member").await?;
    let Some(row) = tx.project_member(project.id, kind, id).await? else {
        return Ok(Done { already_done: true, result: show::project(&mut tx, &project).await? });
    };
    keep_a_manager(&mut tx, &project, &row).await?;
    tx.delete(&row).await?;
    tx.record(Event::ProjectMemberRemoved { member: container }, create_project::about(&project));
    let result = show::project(&mut tx, &project).await?;
    tx.commit().await?;
    Ok(Done { already_done: false, result })
}

/// Gives a user or group a role on an infrastructure, in place of the one it has.
///
/// # Errors
/// Not an admin of the infrastructure; no such user or group; the infrastructure would lose its last admin.
pub async fn set_infrastructure_member(
    op: &OpContext,
    infrastructure: &Name,
    member: &str,
    request: SetInfrastructureMemberRequest,
) -> Result<Done<views::Infrastructure>, Error> {
    op.needs(Scope::Administer)?;
    let (ref op, mut tx) = op.write().await?;
    let found = find::infrastructure(op, &mut tx, infrastructure, Action::ManageInfrastructure).await?;
    let (member_kind, member_id, container) = find::member(&mut tx, member, "member").await?;
    let row = InfrastructureMember { infrastructure_id: found.id, member_kind, member_id, role: request.role };
    match tx.infrastructure_member(found.id, member_kind, member_id).await? {
        Some(before) if before == row => {
            return Ok(Done { already_done: true, result: show::infrastructure(op, &mut tx, &found).await? });
        }
        Some(before) => {
            keep_an_admin(&mut tx, &found, &before).await?;
            tx.update(&row).await?;
        }
        None => tx.insert(&row).await?,
    }
    tx.record(Event::InfrastructureMemberSet { member: container, role: row.role }, create_infrastructure::about(&found));
    let result = show::infrastructure(op, &mut tx, &found).await?;
    tx.commit().await?;
    Ok(Done { already_done: false, result })
}

/// Takes away the role that a user or group has on an infrastructure.
///
/// # Errors
/// Not an admin of the infrastructure; no such user or group; the infrastructure would lose its last admin.
pub async fn remove_infrastructure_member(
    op: &OpContext,
    infrastructure: &Name,
    member: &str,
) -> Result<Done<views::Infrastructure>, Error> {
    op.needs(Scope::Administer)?;
    let (ref op, mut tx) = op.write().await?;
    let found = find::infrastructure(op, &mut tx, infrastructure, Action::ManageInfrastructure).await?;
    let (kind, id, container) = find::member(&mut tx, member, "member").await?;
    let Some(row) = tx.infrastructure_member(found.id, kind, id).await? else {
        return Ok(Done { already_done: true, result: show::infrastructure(op, &mut tx, &found).await? });
    };
    keep_an_admin(&mut tx, &found, &row).await?;
    tx.delete(&row).await?;
    tx.record(Event::InfrastructureMemberRemoved { member: container }, create_infrastructure::about(&found));
    let result = show::infrastructure(op, &mut tx, &found).await?;
    tx.commit().await?;
    Ok(Done { already_done: false, result })
}

/// Refuses to change this manager's role while nobody else could manage the project.
async fn keep_a_manager(reader: &mut Reader, project: &Project, leaving: &ProjectMember) -> Result<(), Error> {
    if leaving.role != ProjectRole::Manager {
        return Ok(());
    }
    for row in reader.project_members(project.id).await? {
        if row.role == ProjectRole::Manager && row != *leaving && holds_somebody(reader, row.member_kind, row.member_id).await? {
            return Ok(());
        }
    }
    let message = format!("this is the last manager of the project “{}”", project.name);
    Err(Error::new(Kind::Conflict, "last_manager", message).hint("Make somebody else a manager first."))
}

/// Refuses to change this admin's role while nobody else could keep the infrastructure.
async fn keep_an_admin(
    reader: &mut Reader,
    infrastructure: &Infrastructure,
    leaving: &InfrastructureMember,
) -> Result<(), Error> {
    if leaving.role != InfrastructureRole::Admin {
        return Ok(());
    }
    for row in reader.infrastructure_members(infrastructure.id).await? {
        if row.role == InfrastructureRole::Admin
            && row != *leaving
            && holds_somebody(reader, row.member_kind, row.member_id).await?
        {
            return Ok(());
        }
    }
    let message = format!("this is the last admin of the infrastructure “{}”", infrastructure.name);
    Err(Error::new(Kind::Conflict, "last_admin", message).hint("Make somebody else an admin first."))
}

/// Whether a member is, or a group holds, a person with an open account: an empty group keeps nothing, nor does an auditor.
async fn holds_somebody(reader: &mut Reader, kind: MemberKind, id: Uuid) -> Result<bool, Error> {
    let can_act = |user: &User| user.active && user.kind == AccountKind::Person && user.role != InstanceRole::Auditor;
    Ok(match kind {
        MemberKind::User => reader.user(UserId::from_uuid(id)).await?.as_ref().is_some_and(can_act),
        MemberKind::Group => reader.group_users(GroupId::from_uuid(id)).await?.iter().any(can_act),
    })
}
