//! For operators' programs, beside the published API: whether the server is ready, and its metrics for Prometheus.

use super::reply::{self, Answer};
use crate::{
    auth::Op,
    http::{Routes, Web, is_local},
    urls::operations as paths,
};
use app::{Error, error::Code};
use axum::extract::{FromRequestParts, Request, State};
use domain::access::{Action, Scope};

pub(super) fn routes() -> Routes {
    Routes::new().get(paths::HEALTH, health).get(paths::METRICS, metrics)
}

/// Whether the server can do its work: the database answers.
async fn health(State(web): State<Web>) -> Answer {
    app::upkeep::health(&web.server).await?;
    reply::ok(&serde_json::json!({ "status": "ready" }))
}

/// The metrics, for this machine and for callers who may read the record.
async fn metrics(State(web): State<Web>, request: Request) -> Answer {
    let (mut parts, _) = request.into_parts();
    if !is_local(&parts.extensions, &parts.headers) {
        let op = Op::from_request_parts(&mut parts, &web).await?;
        op.needs(Scope::Read)?;
        op.allow(Action::ReadAudit)?;
    }
    let handle = web.options.prometheus.as_ref();
    reply::text(handle.ok_or_else(|| Error::new(Code::NoMetrics, "this server collects no metrics"))?.render())
}
