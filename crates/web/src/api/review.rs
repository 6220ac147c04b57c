//! The review of a version up to the final decision.

use super::params::{HistoryQuery, RoundQuery, SlotQuery, VersionPath};
use crate::{
    extract::{IfMatch, IfMatchHeader, Nothing, Op, StrictJson, StrictPath, StrictQuery},
    reply::{self, Answer},
    state::Web,
};
use app::{
    reviews::{self, feedback},
    views::{AuditEvent, DelegateRequest, Done, GiveFeedbackRequest, Inbox, List, RequestReviewRequest, Review},
};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(show_inbox))
        .routes(routes!(show_review))
        .routes(routes!(show_history))
        .routes(routes!(request_review))
        .routes(routes!(request_final_approval))
        .routes(routes!(back_to_feedback))
        .routes(routes!(give_feedback, withdraw_feedback))
        .routes(routes!(delegate))
}

/// A review after a command, with the tag of its state.
pub(super) fn after(done: Done<Review>) -> Answer {
    reply::tagged(&done, &done.result.etag)
}

/// Shows what waits for you and what you wait for
#[utoipa::path(get, path = "/inbox", tag = "review", responses((status = 200, description = "By what is expected, oldest first.", body = Inbox)))]
async fn show_inbox(op: Op) -> Answer {
    reply::ok(&reviews::inbox(&op).await?)
}

/// Shows a version's review
#[utoipa::path(get, path = "/projects/{project}/models/{model}/versions/{version}/review", tag = "review", params(VersionPath, RoundQuery), responses((status = 200, description = "One round, with what you may do.", body = Review, headers(("ETag" = String, description = "The state of the review.")))))]
async fn show_review(op: Op, StrictPath(path): StrictPath<VersionPath>, StrictQuery(query): StrictQuery<RoundQuery>) -> Answer {
    let review = reviews::show(&op, &path.into(), query.round).await?;
    reply::tagged(&review, &review.etag)
}

/// Shows the history of a version, oldest first
#[utoipa::path(get, path = "/projects/{project}/models/{model}/versions/{version}/review/history", tag = "review", params(VersionPath, HistoryQuery), responses((status = 200, description = "The events.", body = List<AuditEvent>)))]
async fn show_history(
    op: Op,
    StrictPath(path): StrictPath<VersionPath>,
    StrictQuery(query): StrictQuery<HistoryQuery>,
) -> Answer {
    reply::ok(&reviews::history(&op, &path.into(), query.from, query.limit).await?)
}

/// Requests the review
#[utoipa::path(post, path = "/projects/{project}/models/{model}/versions/{version}/review/request", tag = "review", params(VersionPath, IfMatchHeader), request_body = RequestReviewRequest, responses((status = 200, description = "The review as it is now.", body = Done<Review>)))]
async fn request_review(
    op: Op,
    StrictPath(path): StrictPath<VersionPath>,
    seen: IfMatch,
    StrictJson(request): StrictJson<RequestReviewRequest>,
) -> Answer {
    after(reviews::request(&op, &path.into(), request, seen.expected()).await?)
}

/// Requests the final approval, even if feedback is missing
#[utoipa::path(post, path = "/projects/{project}/models/{model}/versions/{version}/review/final", tag = "review", params(VersionPath, IfMatchHeader), responses((status = 200, description = "The review as it is now.", body = Done<Review>)))]
async fn request_final_approval(
    op: Op,
    StrictPath(path): StrictPath<VersionPath>,
    seen: IfMatch,
    _: StrictJson<Nothing>,
) -> Answer {
    after(reviews::request_final(&op, &path.into(), seen.expected()).await?)
}

/// Sends the review back to feedback
#[utoipa::path(post, path = "/projects/{project}/models/{model}/versions/{version}/review/back", tag = "review", params(VersionPath, IfMatchHeader), responses((status = 200, description = "The review as it is now.", body = Done<Review>)))]
async fn back_to_feedback(op: Op, StrictPath(path): StrictPath<VersionPath>, seen: IfMatch, _: StrictJson<Nothing>) -> Answer {
    after(reviews::back(&op, &path.into(), seen.expected()).await?)
}

/// Gives or changes your feedback in a slot
#[utoipa::path(put, path = "/projects/{project}/models/{model}/versions/{version}/review/feedback", tag = "review", params(VersionPath, IfMatchHeader), request_body = GiveFeedbackRequest, responses((status = 200, description = "The review as it is now.", body = Done<Review>)))]
async fn give_feedback(
    op: Op,
    StrictPath(path): StrictPath<VersionPath>,
    seen: IfMatch,
    StrictJson(request): StrictJson<GiveFeedbackRequest>,
) -> Answer {
    after(feedback::give(&op, &path.into(), request, seen.expected()).await?)
}

/// Withdraws your feedback in a slot
#[utoipa::path(delete, path = "/projects/{project}/models/{model}/versions/{version}/review/feedback", tag = "review", params(VersionPath, SlotQuery, IfMatchHeader), responses((status = 200, description = "The review as it is now.", body = Done<Review>)))]
async fn withdraw_feedback(
    op: Op,
    StrictPath(path): StrictPath<VersionPath>,
    StrictQuery(query): StrictQuery<SlotQuery>,
    seen: IfMatch,
) -> Answer {
    after(feedback::withdraw(&op, &path.into(), query.slot, seen.expected()).await?)
}

/// Delegates your feedback or your final approval to another user
#[utoipa::path(post, path = "/projects/{project}/models/{model}/versions/{version}/review/delegate", tag = "review", params(VersionPath, IfMatchHeader), request_body = DelegateRequest, responses((status = 200, description = "The review as it is now.", body = Done<Review>)))]
async fn delegate(
    op: Op,
    StrictPath(path): StrictPath<VersionPath>,
    seen: IfMatch,
    StrictJson(request): StrictJson<DelegateRequest>,
) -> Answer {
    after(reviews::delegate(&op, &path.into(), request, seen.expected()).await?)
}
