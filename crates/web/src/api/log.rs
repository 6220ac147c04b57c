//! The proofs of the record: signed checkpoints, inclusion and consistency proofs, and the keys to verify them.

use super::{
    params::{PositionPath, PositionQuery},
    reply::{self, Answer},
};
use crate::{
    auth::Op,
    http::{Routes, StrictPath, StrictQuery, Web},
    urls::api as paths,
};
use app::{
    record,
    views::{ConsistencyQuery, InclusionQuery, ProofView},
};
use axum::extract::State;
use utoipa_axum::routes;

pub(super) fn routes() -> Routes {
    Routes::new()
        .publish(routes!(show_checkpoint))
        .publish(routes!(prove_inclusion))
        .publish(routes!(prove_inclusion_as_text))
        .publish(routes!(show_event))
        .publish(routes!(prove_consistency))
        .publish(routes!(show_public_key))
        .publish(routes!(show_log_key))
}

/// Gives a signed checkpoint of the log
#[utoipa::path(get, path = paths::CHECKPOINT, tag = "record", responses((status = 200, description = "A C2SP signed note.", body = String, content_type = "text/plain")))]
async fn show_checkpoint(op: Op) -> Answer {
    reply::text(record::checkpoint(&op).await?)
}

/// Proves that an event is in the log
#[utoipa::path(get, path = paths::INCLUSION_PROOF, tag = "record", params(InclusionQuery), responses((status = 200, description = "The proof (RFC 6962).", body = ProofView)))]
async fn prove_inclusion(op: Op, StrictQuery(query): StrictQuery<InclusionQuery>) -> Answer {
    reply::ok(&record::inclusion(&op, query).await?)
}

/// Proves that an event is in the log, as one text for offline verifiers
#[utoipa::path(get, path = paths::TLOG_PROOF, tag = "record", params(PositionQuery), responses((status = 200, description = "The proof with the newest signed checkpoint (C2SP `tlog-proof`). The entry is the leaf of the event.", body = String, content_type = "text/plain")))]
async fn prove_inclusion_as_text(op: Op, StrictQuery(query): StrictQuery<PositionQuery>) -> Answer {
    reply::text(record::tlog_proof(&op, query.position).await?)
}

/// Gives the exact bytes of an event
#[utoipa::path(get, path = paths::LOGGED_EVENT, tag = "record", params(PositionPath), responses((status = 200, description = "The event's body, canonical JSON, byte for byte. The leaf of the log names the SHA-256 of these bytes.", body = Object)))]
async fn show_event(op: Op, StrictPath(path): StrictPath<PositionPath>) -> Answer {
    reply::json_bytes(record::event(&op, path.position).await?)
}

/// Proves that an earlier log is the beginning of the present one, or of a later size
#[utoipa::path(get, path = paths::CONSISTENCY_PROOF, tag = "record", params(ConsistencyQuery), responses((status = 200, description = "The proof (RFC 6962).", body = ProofView)))]
async fn prove_consistency(op: Op, StrictQuery(query): StrictQuery<ConsistencyQuery>) -> Answer {
    reply::ok(&record::consistency(&op, query).await?)
}

/// Gives the public key that statements verify with
#[utoipa::path(get, path = paths::PUBLIC_KEY, tag = "record", security(()), responses((status = 200, description = "ECDSA P-256, as PEM.", body = String, content_type = "text/plain")))]
async fn show_public_key(State(web): State<Web>) -> Answer {
    reply::text(record::public_key(&web.server))
}

/// Gives the key that checkpoints verify with
#[utoipa::path(get, path = paths::LOG_KEY, tag = "record", security(()), responses((status = 200, description = "A C2SP verifier key.", body = String, content_type = "text/plain")))]
async fn show_log_key(State(web): State<Web>) -> Answer {
    reply::text(record::log_key(&web.server).await?)
}
