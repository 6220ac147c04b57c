//! Members of a project: giving users and groups roles, and taking roles away.
//!
//! A project keeps its last manager here. Closing an account or emptying a group does not ask that question; administrators can
//! always manage a project.

use crate::change::{self, Subject};
use crate::{
    Error, OpContext,
    base::{error::Code, find},
    people::account::holds_somebody,
    projects,
    reviews::stranded,
    views::{self, Done, SetProjectMemberRequest},
};
use domain::{
    Name, NextStep,
    access::{Action, Scope},
    event::Event,
    people::ProjectRole,
};
use store::{Project, ProjectMember, Reader};

/// Gives a user or group a role in a project, in place of the one it has.
///
/// # Errors
/// Not a manager of the project; no such user or group; the project would lose its last manager.
pub async fn set(
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
            return Ok(Done { already_done: true, result: projects::view::project(&mut tx, &project).await? });
        }
        Some(before) => {
            keep_a_manager(&mut tx, &project, &before).await?;
            tx.update(&row).await?;
        }
        None => tx.insert(&row).await?,
    }
    change::record(op, &mut tx, Subject::Project(&project), Event::ProjectMemberSet { member: container, role: row.role })
        .await?;
    tx.commit().await?;
    Ok(Done { already_done: false, result: changed(op, &project).await.map_err(Error::after_commit)? })
}

/// Takes away the role that a user or group has in a project.
///
/// # Errors
/// Not a manager of the project; no such user or group; the project would lose its last manager.
pub async fn remove(op: &OpContext, project: &Name, member: &str) -> Result<Done<views::Project>, Error> {
    op.needs(Scope::Administer)?;
    let (ref op, mut tx) = op.write().await?;
    let project = find::project(op, &mut tx, project, Action::ManageProject).await?;
    let (kind, id, container) = find::member(&mut tx, member, "member").await?;
    let Some(row) = tx.project_member(project.id, kind, id).await? else {
        return Ok(Done { already_done: true, result: projects::view::project(&mut tx, &project).await? });
    };
    keep_a_manager(&mut tx, &project, &row).await?;
    tx.delete(&row).await?;
    change::record(op, &mut tx, Subject::Project(&project), Event::ProjectMemberRemoved { member: container }).await?;
    tx.commit().await?;
    Ok(Done { already_done: false, result: changed(op, &project).await.map_err(Error::after_commit)? })
}

/// The project after a change of its members, with the open rounds that nobody can approve now.
async fn changed(op: &OpContext, project: &Project) -> Result<views::Project, Error> {
    let mut reader = op.read_back().await?;
    let without_approver = stranded::in_project(op, &mut reader, project.id).await?;
    Ok(views::Project { without_approver, ..projects::view::project(&mut reader, project).await? })
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
    Err(Error::new(Code::LastManager, message).next(NextStep::AppointAnother { role: "manager".to_owned() }))
}
