//! Approves, rejects, abandons or revokes, and cancels an abandon.

use crate::{
    Error, OpContext,
    base::{presence, tag},
    change::Preparation,
    reviews::{
        carry_out::{carry_out, commit, dry_run, prepare},
        comment, scope,
    },
    views::{CommentRequest, DecisionRequest, DecisionWord, Done, Review, RevokeRequest},
};
use domain::{
    SignOffRef,
    signoff::{Command, CommandName},
};

const WHAT: &str = "the review";

/// Whether a final decision of the caller needs the password now, because the sign-in is too long ago.
pub fn needs_password(op: &OpContext) -> bool {
    presence::check(op, "decide").is_err()
}

/// Approves or rejects.
///
/// # Errors
/// A refusal; a view that is out of date, or none named; a sign-in that is too long ago, without a password.
pub async fn decide(
    op: &OpContext,
    name: &SignOffRef,
    mut request: DecisionRequest,
    expected: Option<&str>,
) -> Result<Done<Review>, Error> {
    let password = request.password.take();
    let command = command(op, request, expected)?;
    let op = &presence::with_password(op, password).await?;
    carry_out(op, name, command, expected, &[]).await
}

/// The first phase of a decision that a person signs with a key of their own: the exact bytes to sign. Nothing changes.
///
/// # Errors
/// As [`decide`].
pub async fn prepare_decision(
    op: &OpContext,
    name: &SignOffRef,
    request: DecisionRequest,
    expected: Option<&str>,
) -> Result<Preparation, Error> {
    let command = command(op, request, expected)?;
    prepare(op, name, command, expected).await
}

/// The second phase: decides, if the request still leads to exactly the prepared bytes, and keeps these bytes with the server's
/// signature.
///
/// # Errors
/// As [`decide`]; a preparation older than five minutes; bytes that the request does not lead to.
pub async fn commit_decision(
    op: &OpContext,
    name: &SignOffRef,
    mut request: DecisionRequest,
    expected: Option<&str>,
    prepared: &Preparation,
) -> Result<Done<Review>, Error> {
    let password = request.password.take();
    let command = command(op, request, expected)?;
    let op = &presence::with_password(op, password).await?;
    commit(op, name, command, expected, prepared).await
}

/// The command that a request for a decision gives.
fn command(op: &OpContext, request: DecisionRequest, expected: Option<&str>) -> Result<Command, Error> {
    let name = match request.decision {
        DecisionWord::Approve => CommandName::Approve,
        DecisionWord::Reject => CommandName::Reject,
    };
    scope::needs(op, name)?;
    tag::require(expected, WHAT)?;
    let comment = comment::checked(request.comment)?;
    match request.decision {
        DecisionWord::Approve => Ok(Command::Approve { comment, valid_for: request.valid_for }),
        DecisionWord::Reject if request.valid_for.is_some() => {
            Err(Error::invalid("/valid_for", "a rejection does not end: leave `valid_for` out"))
        }
        DecisionWord::Reject => Ok(Command::Reject { comment }),
    }
}

/// Stops without a decision.
///
/// # Errors
/// A refusal; a view that is out of date, or none named.
pub async fn abandon(
    op: &OpContext,
    name: &SignOffRef,
    request: CommentRequest,
    expected: Option<&str>,
) -> Result<Done<Review>, Error> {
    scope::needs(op, CommandName::Abandon)?;
    tag::require(expected, WHAT)?;
    carry_out(op, name, Command::Abandon { comment: comment::checked(request.comment)? }, expected, &[]).await
}

/// Goes on as if it had not been abandoned.
///
/// # Errors
/// A refusal.
pub async fn cancel_abandon(op: &OpContext, name: &SignOffRef, expected: Option<&str>) -> Result<Done<Review>, Error> {
    scope::needs(op, CommandName::CancelAbandon)?;
    carry_out(op, name, Command::CancelAbandon, expected, &[]).await
}

/// Takes an approval back, which reaches the deployments that rest on the approval; or says what that would do.
///
/// # Errors
/// As [`decide`].
pub async fn revoke(
    op: &OpContext,
    name: &SignOffRef,
    request: RevokeRequest,
    expected: Option<&str>,
) -> Result<Done<Review>, Error> {
    scope::needs(op, CommandName::Revoke)?;
    tag::require(expected, WHAT)?;
    let RevokeRequest { comment, dry_run: only_try, password } = request;
    let command = Command::Revoke { comment: comment::checked(comment)? };
    if only_try {
        return dry_run(op, name, command, expected).await;
    }
    let op = &presence::with_password(op, password).await?;
    carry_out(op, name, command, expected, &[]).await
}
