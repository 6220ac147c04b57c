//! What operators ask: whether the server is ready, and its figures for Prometheus.

use crate::{
    client,
    extract::Op,
    problem::Problem,
    reply::{self, Answer},
    state::Web,
};
use app::{Error, error::Kind};
use axum::{
    extract::{FromRequestParts, Request, State},
    http::StatusCode,
};
use domain::access::Action;

/// Whether the server can do its work: the database answers.
pub(crate) async fn health(State(web): State<Web>) -> Answer {
    app::upkeep::health(&web.server).await?;
    reply::ok(&serde_json::json!({ "status": "ready" }))
}

/// The metrics, for this machine and for callers who may read the record.
pub(crate) async fn metrics(State(web): State<Web>, request: Request) -> Answer {
    let (mut parts, _) = request.into_parts();
    if !client::is_local(&parts.extensions, &parts.headers) {
        let op = Op::from_request_parts(&mut parts, &web).await?;
        op.allow(Action::ReadAudit)?;
    }
    let handle = web.options.prometheus.as_ref();
    reply::text(handle.ok_or_else(|| Error::new(Kind::NotFound, "no_metrics", "this server collects no metrics"))?.render())
}

/// No route has this path.
pub(crate) async fn no_such_route() -> Problem {
    let hint = "The routes are in /api/v1/openapi.json.";
    Problem::http(StatusCode::NOT_FOUND, "no_such_route", "there is nothing at this address").hint(hint)
}

/// A route has this path, but not for this method; `Allow` says for which.
pub(crate) async fn method_not_allowed() -> Problem {
    Problem::http(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "this address does not take that method")
        .hint("Use a method that Allow names.")
}
