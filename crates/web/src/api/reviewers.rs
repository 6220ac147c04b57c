//! The reviewers of a project.

use super::{
    params::ProjectPath,
    reply::{self, Answer},
};
use crate::{
    auth::Op,
    http::{IfMatch, IfMatchHeader, Routes, StrictJson, StrictPath},
    urls::api as paths,
};
use app::{
    projects::reviewers,
    views::{Reviewers, SetReviewersRequest},
};
use utoipa_axum::routes;

pub(super) fn routes() -> Routes {
    Routes::new().publish(routes!(show_reviewers, set_reviewers))
}

/// Shows a project's reviewers
#[utoipa::path(get, path = paths::REVIEWERS, tag = "projects", params(ProjectPath), responses((status = 200, description = "Slots and final approvers.", body = Reviewers, headers(("ETag" = String, description = "The state of rules and reviewers.")))))]
async fn show_reviewers(op: Op, StrictPath(path): StrictPath<ProjectPath>) -> Answer {
    let reviewers = reviewers::show(&op, &path.project).await?;
    reply::tagged(&reviewers, &reviewers.etag())
}

/// Sets a project's reviewers, for later review requests
#[utoipa::path(put, path = paths::REVIEWERS, tag = "projects", params(ProjectPath, IfMatchHeader), request_body = SetReviewersRequest, responses((status = 200, description = "The reviewers as they are now, with warnings for what nobody can fill.", body = Reviewers, headers(("ETag" = String, description = "The state of rules and reviewers.")))))]
async fn set_reviewers(
    op: Op,
    StrictPath(path): StrictPath<ProjectPath>,
    if_match: IfMatch,
    StrictJson(request): StrictJson<SetReviewersRequest>,
) -> Answer {
    let reviewers = reviewers::set(&op, &path.project, request, if_match.expected()).await?;
    reply::tagged(&reviewers, &reviewers.etag())
}
