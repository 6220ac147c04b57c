//! Projects, their duty rules and members.

use super::params::{PageQuery, ProjectMemberPath, ProjectPath};
use crate::{
    extract::{Creating, IdempotencyHeader, IfMatch, IfMatchHeader, Op, StrictJson, StrictPath, StrictQuery},
    reply::{self, Answer},
    state::Web,
};
use app::{
    projects::{self, members, rules},
    views::{ChangeProjectRequest, CreateProjectRequest, Done, List, Project, SetProjectMemberRequest},
};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(list_projects, create_project))
        .routes(routes!(show_project, change_project))
        .routes(routes!(set_project_member, remove_project_member))
}

/// Lists the projects that you may see
#[utoipa::path(get, path = "/projects", tag = "projects", params(PageQuery), responses((status = 200, description = "The projects, by name.", body = List<Project>)))]
async fn list_projects(op: Op, StrictQuery(query): StrictQuery<PageQuery>) -> Answer {
    reply::ok(&projects::list(&op, query.into()).await?)
}

/// Creates a project, with you as its manager
#[utoipa::path(post, path = "/projects", tag = "projects", params(IdempotencyHeader), request_body = CreateProjectRequest, responses((status = 201, description = "Created.", body = Project)))]
async fn create_project(Creating { op, body }: Creating<CreateProjectRequest>) -> Answer {
    let project = projects::create(&op, body).await?;
    reply::created(&op, &project).await
}

/// Shows a project
#[utoipa::path(get, path = "/projects/{project}", tag = "projects", params(ProjectPath), responses((status = 200, description = "The project.", body = Project, headers(("ETag" = String, description = "The state of rules and reviewers.")))))]
async fn show_project(op: Op, StrictPath(path): StrictPath<ProjectPath>) -> Answer {
    let project = projects::show(&op, &path.project).await?;
    reply::tagged(&project, &project.etag())
}

/// Changes a project's duty rules
#[utoipa::path(patch, path = "/projects/{project}", tag = "projects", params(ProjectPath, IfMatchHeader), request_body = ChangeProjectRequest, responses((status = 200, description = "The project as it is now.", body = Project, headers(("ETag" = String, description = "The state of rules and reviewers.")))))]
async fn change_project(
    op: Op,
    StrictPath(path): StrictPath<ProjectPath>,
    seen: IfMatch,
    StrictJson(request): StrictJson<ChangeProjectRequest>,
) -> Answer {
    let project = rules::change(&op, &path.project, request, seen.expected()).await?;
    reply::tagged(&project, &project.etag())
}

/// Gives a user or group a role in a project
#[utoipa::path(put, path = "/projects/{project}/members/{member}", tag = "projects", params(ProjectMemberPath), request_body = SetProjectMemberRequest, responses((status = 200, description = "The project as it is now.", body = Done<Project>)))]
async fn set_project_member(
    op: Op,
    StrictPath(path): StrictPath<ProjectMemberPath>,
    StrictJson(request): StrictJson<SetProjectMemberRequest>,
) -> Answer {
    reply::ok(&members::set(&op, &path.project, &path.member, request).await?)
}

/// Removes a user or group from a project
#[utoipa::path(delete, path = "/projects/{project}/members/{member}", tag = "projects", params(ProjectMemberPath), responses((status = 200, description = "The project as it is now.", body = Done<Project>)))]
async fn remove_project_member(op: Op, StrictPath(path): StrictPath<ProjectMemberPath>) -> Answer {
    reply::ok(&members::remove(&op, &path.project, &path.member).await?)
}
