//! The REST API under `/api/v1`, for programs: a file for each family of addresses. A handler reads its request, calls one use case,
//! and renders the result. Clients send a bearer token. Failures are problems (RFC 9457).

mod absence;
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
mod messages;
mod models;
mod nodes;
mod operations;
mod params;
mod problem;
mod projects;
mod published;
mod reply;
mod review;
mod review_command;
mod reviewers;
mod sessions;
mod tokens;
mod uploads;
mod users;
mod versions;
mod webhooks;

pub(crate) use operations::inside;
pub(crate) use problem::write_problem;
pub(crate) use published::openapi;

use crate::http::Face;

/// What the API brings.
pub(crate) fn face() -> Face {
    Face {
        routes: published::routes().merge(operations::routes()),
        failures: write_problem,
        content_security_policy: "default-src 'none'; frame-ancestors 'none'",
    }
}
