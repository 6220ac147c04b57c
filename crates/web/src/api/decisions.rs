//! Decides on a version, and ends or reopens a round.

use super::{
    params::{StepQuery, VersionPath},
    reply::Answer,
    review_command::{ReviewCommand, after},
};
use crate::{
    auth::{Op, PasswordAttempt},
    http::{EmptyBody, IfMatch, IfMatchHeader, Routes, StrictJson, StrictPath},
    urls::api as paths,
};
use app::{
    reviews,
    views::{CommentRequest, DecisionRequest, Done, ResetRequest, RestoreRequest, RetireRequest, Review, RevokeRequest},
};
use utoipa_axum::routes;

pub(super) fn routes() -> Routes {
    Routes::new()
        .publish(routes!(decide))
        .publish(routes!(abandon))
        .publish(routes!(cancel_abandon))
        .publish(routes!(revoke))
        .publish(routes!(reset_review))
        .publish(routes!(retire_version))
        .publish(routes!(restore_version))
}

/// Approves or rejects: the final decision
///
/// Needs If-Match with the ETag of the review that the decider saw, and the token of a session. Needs the password too, when the
/// session is older than the server's setting `reauthenticate_after`. Wrong passwords count like failed attempts to sign in.
#[utoipa::path(post, path = paths::DECISION, tag = "review", params(VersionPath, StepQuery, IfMatchHeader), request_body = DecisionRequest, responses((status = 200, description = "The review as it is now.", body = Done<Review>)))]
async fn decide(attempt: PasswordAttempt, command: ReviewCommand<DecisionRequest>) -> Answer {
    let brings_password = command.body.password.is_some();
    let decision = reviews::decide(&command.op, &command.on, command.body, command.seen.expected());
    after(attempt.command(&command.op, brings_password, decision).await?)
}

/// Abandons the review
///
/// Needs If-Match with the ETag of the review that the decider saw.
#[utoipa::path(post, path = paths::ABANDON, tag = "review", params(VersionPath, StepQuery, IfMatchHeader), request_body = CommentRequest, responses((status = 200, description = "The review as it is now.", body = Done<Review>)))]
async fn abandon(command: ReviewCommand<CommentRequest>) -> Answer {
    after(reviews::abandon(&command.op, &command.on, command.body, command.seen.expected()).await?)
}

/// Cancels an abandon; the answers come back
#[utoipa::path(post, path = paths::CANCEL_ABANDON, tag = "review", params(VersionPath, StepQuery, IfMatchHeader), responses((status = 200, description = "The review as it is now.", body = Done<Review>)))]
async fn cancel_abandon(command: ReviewCommand<EmptyBody>) -> Answer {
    after(reviews::cancel_abandon(&command.op, &command.on, command.seen.expected()).await?)
}

/// Revokes an approval; running deployments are out of policy at once
///
/// Needs what a decision needs: If-Match, the token of a session, and the password when the session is old.
#[utoipa::path(post, path = paths::REVOKE, tag = "review", params(VersionPath, StepQuery, IfMatchHeader), request_body = RevokeRequest, responses((status = 200, description = "The review as it is now.", body = Done<Review>)))]
async fn revoke(attempt: PasswordAttempt, command: ReviewCommand<RevokeRequest>) -> Answer {
    let brings_password = command.body.password.is_some();
    let revocation = reviews::revoke(&command.op, &command.on, command.body, command.seen.expected());
    after(attempt.command(&command.op, brings_password, revocation).await?)
}

/// Opens the next round
///
/// Ends the approval of an approved version at once, and then needs the token of a session, and the password when the session is old.
/// The answer, and that of a dry run, names the services that go out of policy.
#[utoipa::path(post, path = paths::RESET, tag = "review", params(VersionPath, StepQuery, IfMatchHeader), request_body = ResetRequest, responses((status = 200, description = "The review as it is now.", body = Done<Review>)))]
async fn reset_review(attempt: PasswordAttempt, command: ReviewCommand<ResetRequest>) -> Answer {
    let brings_password = command.body.password.is_some();
    let reset = reviews::reset(&command.op, &command.on, command.body, command.seen.expected());
    after(attempt.command(&command.op, brings_password, reset).await?)
}

/// Retires a version: it is in no inbox and no default list, and not in force at the gate
///
/// Ends what is in force of an approved version at once, and then needs the token of a session, and the password when the session is old.
#[utoipa::path(post, path = paths::RETIRE, tag = "review", params(VersionPath, IfMatchHeader), request_body = RetireRequest, responses((status = 200, description = "The review as it is now.", body = Done<Review>)))]
async fn retire_version(
    attempt: PasswordAttempt,
    op: Op,
    StrictPath(path): StrictPath<VersionPath>,
    if_match: IfMatch,
    StrictJson(request): StrictJson<RetireRequest>,
) -> Answer {
    let brings_password = request.password.is_some();
    let retirement = reviews::retire(&op, path.into(), request, if_match.expected());
    after(attempt.command(&op, brings_password, retirement).await?)
}

/// Takes a retired version back
#[utoipa::path(post, path = paths::RESTORE, tag = "review", params(VersionPath, IfMatchHeader), request_body = RestoreRequest, responses((status = 200, description = "The review as it is now.", body = Done<Review>)))]
async fn restore_version(
    attempt: PasswordAttempt,
    op: Op,
    StrictPath(path): StrictPath<VersionPath>,
    if_match: IfMatch,
    StrictJson(request): StrictJson<RestoreRequest>,
) -> Answer {
    let brings_password = request.password.is_some();
    let restoring = reviews::restore(&op, path.into(), request, if_match.expected());
    after(attempt.command(&op, brings_password, restoring).await?)
}
