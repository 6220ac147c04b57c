//! The REST API under `/api/v1`, for programs: a file for each family of addresses. A handler reads its request, calls one use case,
//! and renders the result. Clients send a bearer token. Failures are problems (RFC 9457).

mod audit;
mod creation;
mod decisions;
mod deployments;
mod document;
mod files;
mod gate;
mod groups;
mod infrastructures;
mod jobs;
mod log;
mod models;
mod nodes;
mod operations;
mod params;
mod problem;
mod projects;
mod reply;
mod review;
mod reviewers;
mod sessions;
mod tokens;
mod uploads;
mod users;
mod versions;

pub(crate) use document::openapi;
pub(crate) use problem::write_problem;

use crate::http::{Face, Routes};

/// What the API brings.
pub(crate) fn face() -> Face {
    Face {
        routes: published().merge(operations::routes()),
        failures: write_problem,
        content_security_policy: "default-src 'none'; frame-ancestors 'none'",
    }
}

/// The routes that the document describes.
fn published() -> Routes {
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
        jobs::routes(),
        document::routes(),
    ];
    families.into_iter().fold(Routes::with_document(document::head()), Routes::merge)
}
