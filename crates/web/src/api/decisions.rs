//! Deciding on a version, and what ends or reopens a round.

use super::{params::VersionPath, review::after};
use crate::{
    extract::{IfMatch, IfMatchHeader, Nothing, Op, StrictJson, StrictPath},
    reply::Answer,
    state::Web,
};
use app::{
    reviews,
    views::{CommentRequest, DecisionRequest, Done, ResetRequest, Review},
};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(decide))
        .routes(routes!(abandon))
        .routes(routes!(cancel_abandon))
        .routes(routes!(revoke))
        .routes(routes!(reset_review))
}

/// Approves or rejects: the final decision
///
/// Needs If-Match with the ETag of the review that the decider saw.
#[utoipa::path(post, path = "/projects/{project}/models/{model}/versions/{version}/review/decision", tag = "review", params(VersionPath, IfMatchHeader), request_body = DecisionRequest, responses((status = 200, description = "The review as it is now.", body = Done<Review>)))]
async fn decide(
    op: Op,
    StrictPath(path): StrictPath<VersionPath>,
    seen: IfMatch,
    StrictJson(request): StrictJson<DecisionRequest>,
) -> Answer {
    after(reviews::decide(&op, &path.into(), request, seen.expected()).await?)
}

/// Abandons the review
///
/// Needs If-Match with the ETag of the review that the decider saw.
#[utoipa::path(post, path = "/projects/{project}/models/{model}/versions/{version}/review/abandon", tag = "review", params(VersionPath, IfMatchHeader), request_body = CommentRequest, responses((status = 200, description = "The review as it is now.", body = Done<Review>)))]
async fn abandon(
    op: Op,
    StrictPath(path): StrictPath<VersionPath>,
    seen: IfMatch,
    StrictJson(request): StrictJson<CommentRequest>,
) -> Answer {
    after(reviews::abandon(&op, &path.into(), request, seen.expected()).await?)
}

/// Cancels an abandon; the answers come back
#[utoipa::path(post, path = "/projects/{project}/models/{model}/versions/{version}/review/cancel-abandon", tag = "review", params(VersionPath, IfMatchHeader), responses((status = 200, description = "The review as it is now.", body = Done<Review>)))]
async fn cancel_abandon(op: Op, StrictPath(path): StrictPath<VersionPath>, seen: IfMatch, _: StrictJson<Nothing>) -> Answer {
    after(reviews::cancel_abandon(&op, &path.into(), seen.expected()).await?)
}

/// Revokes an approval; running deployments are out of policy at once
///
/// Needs If-Match with the ETag of the review that the decider saw.
#[utoipa::path(post, path = "/projects/{project}/models/{model}/versions/{version}/review/revoke", tag = "review", params(VersionPath, IfMatchHeader), request_body = CommentRequest, responses((status = 200, description = "The review as it is now.", body = Done<Review>)))]
async fn revoke(
    op: Op,
    StrictPath(path): StrictPath<VersionPath>,
    seen: IfMatch,
    StrictJson(request): StrictJson<CommentRequest>,
) -> Answer {
    after(reviews::revoke(&op, &path.into(), request, seen.expected()).await?)
}

/// Opens the next round
#[utoipa::path(post, path = "/projects/{project}/models/{model}/versions/{version}/review/reset", tag = "review", params(VersionPath, IfMatchHeader), request_body = ResetRequest, responses((status = 200, description = "The review as it is now.", body = Done<Review>)))]
async fn reset_review(
    op: Op,
    StrictPath(path): StrictPath<VersionPath>,
    seen: IfMatch,
    StrictJson(request): StrictJson<ResetRequest>,
) -> Answer {
    after(reviews::reset(&op, &path.into(), request, seen.expected()).await?)
}
