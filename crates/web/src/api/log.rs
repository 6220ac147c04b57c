//! What shows that the record was not altered: signed checkpoints, proofs, and the keys to check them with.

use super::params::{FromSizeQuery, PositionQuery};
use crate::{
    extract::{Op, StrictQuery},
    reply::{self, Answer},
    state::Web,
};
use app::{record, views::ProofView};
use axum::extract::State;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(show_checkpoint))
        .routes(routes!(prove_inclusion))
        .routes(routes!(prove_consistency))
        .routes(routes!(show_public_key))
        .routes(routes!(show_log_key))
}

/// Gives a signed checkpoint of the log
#[utoipa::path(get, path = "/log/checkpoint", tag = "record", responses((status = 200, description = "A C2SP signed note.", body = String, content_type = "text/plain")))]
async fn show_checkpoint(op: Op) -> Answer {
    reply::text(record::checkpoint(&op).await?)
}

/// Proves that an event is in the log
#[utoipa::path(get, path = "/log/proof/inclusion", tag = "record", params(PositionQuery), responses((status = 200, description = "The proof (RFC 6962).", body = ProofView)))]
async fn prove_inclusion(op: Op, StrictQuery(query): StrictQuery<PositionQuery>) -> Answer {
    reply::ok(&record::inclusion(&op, query.position).await?)
}

/// Proves that an earlier log is the beginning of the present one
#[utoipa::path(get, path = "/log/proof/consistency", tag = "record", params(FromSizeQuery), responses((status = 200, description = "The proof (RFC 6962).", body = ProofView)))]
async fn prove_consistency(op: Op, StrictQuery(query): StrictQuery<FromSizeQuery>) -> Answer {
    reply::ok(&record::consistency(&op, query.from).await?)
}

/// Gives the public key that statements verify with
#[utoipa::path(get, path = "/public-key", tag = "record", security(()), responses((status = 200, description = "ECDSA P-256, as PEM.", body = String, content_type = "text/plain")))]
async fn show_public_key(State(web): State<Web>) -> Answer {
    reply::text(record::public_key(&web.server))
}

/// Gives the key that checkpoints verify with
#[utoipa::path(get, path = "/log/key", tag = "record", security(()), responses((status = 200, description = "A C2SP verifier key.", body = String, content_type = "text/plain")))]
async fn show_log_key(State(web): State<Web>) -> Answer {
    reply::text(record::log_key(&web.server))
}
