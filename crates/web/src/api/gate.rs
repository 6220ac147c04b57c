//! The gate, for pipelines that deploy by other means.

use crate::{
    extract::Asking,
    reply::{self, Answer},
    state::Web,
};
use app::{
    gate,
    views::{GateAnswer, GateRequest},
};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(check_gate))
}

/// Asks whether a version may go to an infrastructure
///
/// A denial is an answer, with status 200 and `verdict: deny`. Any other status is no answer, and must be taken for a denial.
#[utoipa::path(post, path = "/gate/check", tag = "gate", request_body = GateRequest, responses((status = 200, description = "The answer, with its reasons.", body = GateAnswer)))]
async fn check_gate(Asking { op, body }: Asking<GateRequest>) -> Answer {
    reply::ok(&gate::check(&op, body).await?)
}
