//! The review of a version up to the final decision.

use super::{
    params::{HistoryQuery, RoundQuery, SlotQuery, StepQuery, VersionPath, sign_off},
    reply::{self, Answer},
    review_command::{ReviewCommand, after},
};
use crate::{
    auth::Op,
    http::{EmptyBody, IfMatch, IfMatchHeader, Routes, StrictPath, StrictQuery},
    urls::api as paths,
};
use app::{
    reviews::{self, feedback},
    views::{AuditEvent, CommentRequest, DelegateRequest, Done, GiveFeedbackRequest, Inbox, List, RequestReviewRequest, Review},
};
use utoipa_axum::routes;

pub(super) fn routes() -> Routes {
    Routes::new()
        .publish(routes!(show_inbox))
        .publish(routes!(show_review))
        .publish(routes!(show_history))
        .publish(routes!(request_review))
        .publish(routes!(take_back_request))
        .publish(routes!(reload_reviewers))
        .publish(routes!(request_renewal))
        .publish(routes!(request_final_approval))
        .publish(routes!(back_to_feedback))
        .publish(routes!(give_feedback, withdraw_feedback))
        .publish(routes!(delegate))
}

/// Shows what waits for you and what you wait for
#[utoipa::path(get, path = paths::INBOX, tag = "review", responses((status = 200, description = "By what is expected, oldest first.", body = Inbox)))]
async fn show_inbox(op: Op) -> Answer {
    reply::ok(&reviews::inbox(&op, "").await?)
}

/// Shows a version's review
#[utoipa::path(get, path = paths::REVIEW, tag = "review", params(VersionPath, RoundQuery), responses((status = 200, description = "One round, with what you may do.", body = Review, headers(("ETag" = String, description = "The state of the review.")))))]
async fn show_review(op: Op, StrictPath(path): StrictPath<VersionPath>, StrictQuery(query): StrictQuery<RoundQuery>) -> Answer {
    let review = reviews::show(&op, &sign_off(path, query.step), query.round).await?;
    reply::tagged(&review, &review.etag)
}

/// Shows the history of a version, oldest first
#[utoipa::path(get, path = paths::REVIEW_HISTORY, tag = "review", params(VersionPath, HistoryQuery), responses((status = 200, description = "The events.", body = List<AuditEvent>)))]
async fn show_history(
    op: Op,
    StrictPath(path): StrictPath<VersionPath>,
    StrictQuery(query): StrictQuery<HistoryQuery>,
) -> Answer {
    reply::ok(&reviews::history(&op, &path.into(), query.from, query.limit).await?)
}

/// Requests the review
#[utoipa::path(post, path = paths::REVIEW_REQUEST, tag = "review", params(VersionPath, StepQuery, IfMatchHeader), request_body = RequestReviewRequest, responses((status = 200, description = "The review as it is now.", body = Done<Review>)))]
async fn request_review(command: ReviewCommand<RequestReviewRequest>) -> Answer {
    after(reviews::request(&command.op, &command.on, command.body, command.seen.expected()).await?)
}

/// Requests a renewal: the next round opens, and the approval goes on until the round is decided
#[utoipa::path(post, path = paths::RENEWAL, tag = "review", params(VersionPath, StepQuery, IfMatchHeader), request_body = RequestReviewRequest, responses((status = 200, description = "The review as it is now.", body = Done<Review>)))]
async fn request_renewal(command: ReviewCommand<RequestReviewRequest>) -> Answer {
    after(reviews::renew(&command.op, &command.on, command.body, command.seen.expected()).await?)
}

/// Takes the review request back, while nobody has answered
#[utoipa::path(post, path = paths::TAKE_BACK, tag = "review", params(VersionPath, StepQuery, IfMatchHeader), responses((status = 200, description = "The review as it is now.", body = Done<Review>)))]
async fn take_back_request(command: ReviewCommand<EmptyBody>) -> Answer {
    after(reviews::take_back(&command.op, &command.on, command.seen.expected()).await?)
}

/// Takes the project's present reviewers into the open round
///
/// Answers in slots that remain are kept.
#[utoipa::path(post, path = paths::RELOAD_REVIEWERS, tag = "review", params(VersionPath, StepQuery, IfMatchHeader), request_body = CommentRequest, responses((status = 200, description = "The review as it is now.", body = Done<Review>)))]
async fn reload_reviewers(command: ReviewCommand<CommentRequest>) -> Answer {
    after(reviews::reload_reviewers(&command.op, &command.on, command.body, command.seen.expected()).await?)
}

/// Requests the final approval, even if feedback is missing
#[utoipa::path(post, path = paths::FINAL_APPROVAL, tag = "review", params(VersionPath, StepQuery, IfMatchHeader), responses((status = 200, description = "The review as it is now.", body = Done<Review>)))]
async fn request_final_approval(command: ReviewCommand<EmptyBody>) -> Answer {
    after(reviews::request_final(&command.op, &command.on, command.seen.expected()).await?)
}

/// Sends the review back to feedback
#[utoipa::path(post, path = paths::BACK_TO_FEEDBACK, tag = "review", params(VersionPath, StepQuery, IfMatchHeader), responses((status = 200, description = "The review as it is now.", body = Done<Review>)))]
async fn back_to_feedback(command: ReviewCommand<EmptyBody>) -> Answer {
    after(reviews::back(&command.op, &command.on, command.seen.expected()).await?)
}

/// Gives or changes your feedback in a slot
#[utoipa::path(put, path = paths::FEEDBACK, tag = "review", params(VersionPath, StepQuery, IfMatchHeader), request_body = GiveFeedbackRequest, responses((status = 200, description = "The review as it is now.", body = Done<Review>)))]
async fn give_feedback(command: ReviewCommand<GiveFeedbackRequest>) -> Answer {
    after(feedback::give(&command.op, &command.on, command.body, command.seen.expected()).await?)
}

/// Withdraws your feedback in a slot
#[utoipa::path(delete, path = paths::FEEDBACK, tag = "review", params(VersionPath, SlotQuery, IfMatchHeader), responses((status = 200, description = "The review as it is now.", body = Done<Review>)))]
async fn withdraw_feedback(
    op: Op,
    StrictPath(path): StrictPath<VersionPath>,
    StrictQuery(query): StrictQuery<SlotQuery>,
    if_match: IfMatch,
) -> Answer {
    after(feedback::withdraw(&op, &sign_off(path, query.step), query.slot, if_match.expected()).await?)
}

/// Delegates your feedback or your final approval to another user
#[utoipa::path(post, path = paths::DELEGATION, tag = "review", params(VersionPath, StepQuery, IfMatchHeader), request_body = DelegateRequest, responses((status = 200, description = "The review as it is now.", body = Done<Review>)))]
async fn delegate(command: ReviewCommand<DelegateRequest>) -> Answer {
    after(reviews::delegate(&command.op, &command.on, command.body, command.seen.expected()).await?)
}
