//! For operators' programs, beside the published API: whether the server is ready, and its metrics for Prometheus.

use super::reply::{self, Answer};
use crate::{
    auth::Op,
    http::{Routes, Web},
    urls::operations as paths,
};
use app::{Error, error::Code};
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use domain::access::{Action, Scope};

pub(super) fn routes() -> Routes {
    Routes::new().get(paths::HEALTH, health).get(paths::METRICS, metrics)
}

/// Whether the server can do its work: the database answers.
async fn health(State(web): State<Web>) -> Answer {
    app::upkeep::health(&web.server).await?;
    reply::ok(&serde_json::json!({ "status": "ready" }))
}

/// The same without the form of the API around a failure.
async fn health_inside(State(web): State<Web>) -> Response {
    match app::upkeep::health(&web.server).await {
        Ok(()) => axum::Json(serde_json::json!({ "status": "ready" })).into_response(),
        Err(error) => {
            let body = serde_json::json!({ "status": "not_ready", "code": error.code.as_str(), "detail": error.to_string() });
            (StatusCode::SERVICE_UNAVAILABLE, axum::Json(body)).into_response()
        }
    }
}

/// The metrics, for callers who may read the record and for service accounts, with a token that has the scope.
async fn metrics(State(web): State<Web>, op: Op) -> Answer {
    op.needs(Scope::Metrics)?;
    op.allow(Action::ReadMetrics)?;
    figures(State(web)).await
}

/// The same for everybody who reaches the listener that an operator opened for them.
async fn figures(State(web): State<Web>) -> Answer {
    let handle = web.options.prometheus.as_ref();
    reply::text(handle.ok_or_else(|| Error::new(Code::NoMetrics, "this server collects no metrics"))?.render())
}

/// The routes of the listener for operators' programs, which asks nobody who they are.
pub(crate) fn inside(web: Web) -> axum::Router {
    axum::Router::new().route(paths::HEALTH, get(health_inside)).route(paths::METRICS, get(figures)).with_state(web)
}
