//! The routes that the OpenAPI document describes, and the document, which is one of them.

use super::{
    absence, audit, decisions, deployments, document, files, gate, groups, infrastructures, jobs, log, messages, models, nodes,
    projects, reply::Answer, review, reviewers, sessions, tokens, uploads, users, versions, webhooks,
};
use crate::{http::Routes, urls::api as paths};
use axum::{
    http::{HeaderValue, header},
    response::IntoResponse,
};
use std::sync::OnceLock;
use utoipa_axum::routes;

/// The routes that the document describes.
pub(super) fn routes() -> Routes {
    let families = [
        sessions::routes(),
        absence::routes(),
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
        messages::routes(),
        webhooks::routes(),
        Routes::new().publish(routes!(show_document)),
    ];
    families.into_iter().fold(Routes::with_document(document::head()), Routes::merge)
}

/// The document as pretty JSON.
pub(crate) fn openapi() -> &'static str {
    static DOCUMENT: OnceLock<String> = OnceLock::new();
    // Made of strings, so that there is nothing in it that JSON cannot say; the tests read it back.
    DOCUMENT.get_or_init(|| document::complete(routes().into_document()).to_pretty_json().unwrap_or_default())
}

/// Gives this document
#[utoipa::path(get, path = paths::DOCUMENT, tag = "record", security(()), responses((status = 200, description = "OpenAPI 3.1.", body = Object, content_type = "application/json")))]
async fn show_document() -> Answer {
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], openapi()).into_response())
}
