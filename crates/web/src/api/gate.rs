//! The gate, for pipelines that deploy by other means.

use super::reply::{self, Answer};
use crate::{auth::OpWithBody, http::Routes, urls::api as paths};
use app::{
    gate,
    views::{GateAnswer, GateRequest},
};
use utoipa_axum::routes;

pub(super) fn routes() -> Routes {
    Routes::new().publish(routes!(check_gate))
}

/// Asks whether a version may go to an infrastructure
///
/// A denial is an answer, with status 200 and `verdict: deny`. Any other status is no answer, and must be taken for a denial.
#[utoipa::path(post, path = paths::GATE_CHECK, tag = "gate", request_body = GateRequest, responses((status = 200, description = "The answer, with its reasons.", body = GateAnswer)))]
async fn check_gate(OpWithBody { op, body }: OpWithBody<GateRequest>) -> Answer {
    reply::ok(&gate::check(&op, body).await?)
}
