//! The record, for auditors.

use super::reply::{self, Answer};
use crate::{
    auth::Op,
    http::{Routes, StrictQuery},
    urls::api as paths,
};
use app::{
    record,
    views::{AuditEvent, AuditQuery, List},
};
use utoipa_axum::routes;

pub(super) fn routes() -> Routes {
    Routes::new().publish(routes!(list_events))
}

/// Lists the events of the record, oldest first
#[utoipa::path(get, path = paths::AUDIT, tag = "record", params(AuditQuery), responses((status = 200, description = "The events; `next` is the position from which to go on.", body = List<AuditEvent>)))]
async fn list_events(op: Op, StrictQuery(query): StrictQuery<AuditQuery>) -> Answer {
    reply::ok(&record::list(&op, query).await?)
}
