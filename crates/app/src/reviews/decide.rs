//! Approves, rejects, abandons or revokes, and cancels an abandon.

use crate::{
    Error, OpContext,
    base::tag,
    reviews::{carry_out::carry_out, comment, scope::needs_either},
    views::{CommentRequest, DecisionRequest, DecisionWord, Done, Review},
};
use domain::{VersionRef, access::Scope, signoff::Command};

const WHAT: &str = "the review";

/// Approves or rejects.
///
/// # Errors
/// A refusal; a view that is out of date, or none named.
pub async fn decide(
    op: &OpContext,
    name: &VersionRef,
    request: DecisionRequest,
    expected: Option<&str>,
) -> Result<Done<Review>, Error> {
    op.needs(Scope::Review)?;
    tag::require(expected, WHAT)?;
    let comment = comment::checked(request.comment)?;
    let command = match request.decision {
        DecisionWord::Approve => Command::Approve { comment, valid_for: request.valid_for },
        DecisionWord::Reject if request.valid_for.is_some() => {
            return Err(Error::invalid("/valid_for", "a rejection does not end: leave `valid_for` out"));
        }
        DecisionWord::Reject => Command::Reject { comment },
    };
    carry_out(op, name, command, expected, &[]).await
}

/// Stops without a decision.
///
/// # Errors
/// A refusal; a view that is out of date, or none named.
pub async fn abandon(
    op: &OpContext,
    name: &VersionRef,
    request: CommentRequest,
    expected: Option<&str>,
) -> Result<Done<Review>, Error> {
    needs_either(op)?;
    tag::require(expected, WHAT)?;
    carry_out(op, name, Command::Abandon { comment: comment::checked(request.comment)? }, expected, &[]).await
}

/// Goes on as if it had not been abandoned.
///
/// # Errors
/// A refusal.
pub async fn cancel_abandon(op: &OpContext, name: &VersionRef, expected: Option<&str>) -> Result<Done<Review>, Error> {
    op.needs(Scope::Register)?;
    carry_out(op, name, Command::CancelAbandon, expected, &[]).await
}

/// Takes an approval back; reaches the deployments that rest on it.
///
/// # Errors
/// A refusal; a view that is out of date, or none named.
pub async fn revoke(
    op: &OpContext,
    name: &VersionRef,
    request: CommentRequest,
    expected: Option<&str>,
) -> Result<Done<Review>, Error> {
    needs_either(op)?;
    tag::require(expected, WHAT)?;
    carry_out(op, name, Command::Revoke { comment: comment::checked(request.comment)? }, expected, &[]).await
}
