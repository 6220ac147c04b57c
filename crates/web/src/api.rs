//! The REST API under `/api/v1`: one file for each family of addresses. A handler reads its request, calls exactly one use case,
//! and gives back what that says.

mod audit;
mod decisions;
mod deployments;
mod document;
mod files;
mod gate;
mod groups;
mod infrastructures;
mod log;
mod models;
mod nodes;
mod params;
mod projects;
mod review;
mod reviewers;
mod sessions;
mod tokens;
mod uploads;
mod users;
mod versions;

pub(crate) use document::openapi;

use crate::state::Web;
use utoipa_axum::router::OpenApiRouter;

/// Where the API begins.
pub(crate) const BASE: &str = "/api/v1";

/// All routes of the API, each with its entry in the document.
pub(crate) fn routes() -> OpenApiRouter<Web> {
    let families = [
        sessions::routes(),
        users::routes(),
        tokens::routes(),
        groups::routes(),
        projects::routes(),
        reviewers::routes(),
        models::routes(),
        uploads::routes(),
        versions::routes(),
        files::routes(),
        review::routes(),
        decisions::routes(),
        infrastructures::routes(),
        deployments::routes(),
        nodes::routes(),
        gate::routes(),
        audit::routes(),
        log::routes(),
        document::routes(),
    ];
    let api = families.into_iter().fold(OpenApiRouter::new(), OpenApiRouter::merge);
    document::finished(OpenApiRouter::with_openapi(document::head()).nest(BASE, api))
}
