//! Projects, their duty rules and members.

use super::{
    creation::{Creation, IdempotencyHeader},
    params::{PageQuery, ProjectMemberPath, ProjectPath},
    reply::{self, Answer},
};
use crate::{
    auth::Op,
    http::{IfMatch, IfMatchHeader, Routes, StrictJson, StrictPath, StrictQuery},
    urls::api as paths,
};
use app::{
    projects::{self, members, rules},
    views::{ChangeProjectRequest, CreateProjectRequest, Done, List, Project, SetProjectMemberRequest},
};
use utoipa_axum::routes;

pub(super) fn routes() -> Routes {
    Routes::new()
        .publish(routes!(list_projects, create_project))
        .publish(routes!(show_project, change_project))
        .publish(routes!(set_project_member, remove_project_member))
}

/// Lists the projects that you may see
#[utoipa::path(get, path = paths::PROJECTS, tag = "projects", params(PageQuery), responses((status = 200, description = "The projects, by name.", body = List<Project>)))]
async fn list_projects(op: Op, StrictQuery(query): StrictQuery<PageQuery>) -> Answer {
    reply::ok(&projects::list(&op, query.into()).await?)
}

/// Creates a project, with you as its manager
#[utoipa::path(post, path = paths::PROJECTS, tag = "projects", params(IdempotencyHeader), request_body = CreateProjectRequest, responses((status = 201, description = "Created.", body = Project)))]
async fn create_project(Creation { op, body }: Creation<CreateProjectRequest>) -> Answer {
    let project = projects::create(&op, body).await?;
    reply::created(&op, &project).await
}

/// Shows a project
#[utoipa::path(get, path = paths::PROJECT, tag = "projects", params(ProjectPath), responses((status = 200, description = "The project.", body = Project, headers(("ETag" = String, description = "The state of rules and reviewers.")))))]
async fn show_project(op: Op, StrictPath(path): StrictPath<ProjectPath>) -> Answer {
    let project = projects::show(&op, &path.project).await?;
    reply::tagged(&project, &project.etag())
}

/// Changes a project's rules
#[utoipa::path(patch, path = paths::PROJECT, tag = "projects", params(ProjectPath, IfMatchHeader), request_body = ChangeProjectRequest, responses((status = 200, description = "The project as it is now.", body = Project, headers(("ETag" = String, description = "The state of rules and reviewers.")))))]
async fn change_project(
    op: Op,
    StrictPath(path): StrictPath<ProjectPath>,
    if_match: IfMatch,
    StrictJson(request): StrictJson<ChangeProjectRequest>,
) -> Answer {
    let project = rules::change(&op, &path.project, request, if_match.expected()).await?;
    reply::tagged(&project, &project.etag())
}

/// Gives a user or group a role in a project
#[utoipa::path(put, path = paths::PROJECT_MEMBER, tag = "projects", params(ProjectMemberPath), request_body = SetProjectMemberRequest, responses((status = 200, description = "The project as it is now.", body = Done<Project>)))]
async fn set_project_member(
    op: Op,
    StrictPath(path): StrictPath<ProjectMemberPath>,
    StrictJson(request): StrictJson<SetProjectMemberRequest>,
) -> Answer {
    reply::ok(&members::set(&op, &path.project, &path.member, request).await?)
}

/// Removes a user or group from a project
#[utoipa::path(delete, path = paths::PROJECT_MEMBER, tag = "projects", params(ProjectMemberPath), responses((status = 200, description = "The project as it is now.", body = Done<Project>)))]
async fn remove_project_member(op: Op, StrictPath(path): StrictPath<ProjectMemberPath>) -> Answer {
    reply::ok(&members::remove(&op, &path.project, &path.member).await?)
}
