//! The record, as auditors read it.

use crate::{
    extract::{Op, StrictQuery},
    reply::{self, Answer},
    state::Web,
};
use app::{
    record,
    views::{AuditEvent, AuditQuery, List},
};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(list_events))
}

/// Lists the events of the record, oldest first
#[utoipa::path(get, path = "/audit", tag = "record", params(AuditQuery), responses((status = 200, description = "The events; `next` is the position from which to go on.", body = List<AuditEvent>)))]
async fn list_events(op: Op, StrictQuery(query): StrictQuery<AuditQuery>) -> Answer {
    reply::ok(&record::list(&op, query).await?)
}
