//! Creates a project.

use crate::change::{self, Subject};
use crate::{
    Error, OpContext, projects,
    views::{self, CreateProjectRequest},
};
use domain::{
    DisplayName,
    access::{Action, Scope},
    duty::ProjectRules,
    event::Event,
    people::{Container, ProjectRole},
    reviewers::Reviewers,
    workflow::Workflow,
};
use store::{Json, MemberKind, Project, ProjectMember, StoreError};

/// Creates a project with the standard workflow and the strict duty rules. The caller becomes its manager.
///
/// # Errors
/// Not an administrator; a name that is taken.
pub async fn create(op: &OpContext, request: CreateProjectRequest) -> Result<views::Project, Error> {
    op.needs(Scope::Administer)?;
    let display_name = match request.display_name {
        Some(display_name) => display_name,
        None => request.name.as_str().parse::<DisplayName>().map_err(|error| Error::invalid("/name", error.to_string()))?,
    };
    let (ref op, mut tx) = op.write().await?;
    op.allow(Action::CreateProject)?;
    let user = op.user()?;
    let project = Project {
        id: op.id(),
        name: request.name,
        display_name,
        rules: Json(ProjectRules::default()),
        reviewers: Json(Reviewers::default()),
        workflow: Json(Workflow::standard()),
        revision: 1,
        created_at: op.now,
    };
    tx.insert(&project).await.map_err(|error| match error {
        StoreError::Exists => Error::exists("project", &project.name).at("/name"),
        other => other.into(),
    })?;
    let (name, display_name, rules) = (project.name.clone(), project.display_name.clone(), project.rules.0.clone());
    change::record(op, &mut tx, Subject::Project(&project), Event::ProjectCreated { name, display_name, rules }).await?;
    let (member_kind, role) = (MemberKind::User, ProjectRole::Manager);
    tx.insert(&ProjectMember { project_id: project.id, member_kind, member_id: user.id.uuid(), role }).await?;
    change::record(op, &mut tx, Subject::Project(&project), Event::ProjectMemberSet { member: Container::User(user.id), role })
        .await?;
    tx.commit().await?;
    let view = projects::view::project(&mut op.read_back().await?, &project).await.map_err(Error::after_commit)?;
    Ok(view)
}
