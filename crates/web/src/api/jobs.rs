//! The background jobs of the server that answers.

use super::reply::{self, Answer};
use crate::{auth::Op, http::Routes, urls::api as paths};
use app::{
    upkeep,
    views::{Job, List},
};
use utoipa_axum::routes;

pub(super) fn routes() -> Routes {
    Routes::new().publish(routes!(list_jobs))
}

/// Lists the background jobs of the server that answers, for administrators and auditors
#[utoipa::path(get, path = paths::JOBS, tag = "operation", responses((status = 200, description = "Each job with its state: what it did last, why it failed, when it runs next.", body = List<Job>)))]
async fn list_jobs(op: Op) -> Answer {
    reply::ok(&upkeep::list_jobs(&op)?)
}
