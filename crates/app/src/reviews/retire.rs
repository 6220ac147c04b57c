//! Retires a version, and takes a retired version back.

use crate::{
    Error, OpContext,
    base::presence,
    reviews::{carry_out::carry_out, comment, scope},
    views::{Done, RestoreRequest, RetireRequest, Review},
};
use domain::{
    VersionRef,
    signoff::{Command, CommandName},
};

/// Retires a version: it is in no inbox and no default list, and not in force at the gate.
///
/// # Errors
/// A refusal; a review of the version that is open; for an approved version a sign-in that is too long ago, without a password.
pub async fn retire(
    op: &OpContext,
    name: VersionRef,
    request: RetireRequest,
    expected: Option<&str>,
) -> Result<Done<Review>, Error> {
    scope::needs(op, CommandName::Retire)?;
    let RetireRequest { comment, password } = request;
    let command = Command::Retire { comment: comment::checked(comment)? };
    let op = &presence::with_password(op, password).await?;
    carry_out(op, &name.into(), command, expected, &[]).await
}

/// Takes a retired version back: it counts again as its sign-off says.
///
/// # Errors
/// A refusal; for a version with an approval that would be in force again, a sign-in that is too long ago, without a password.
pub async fn restore(
    op: &OpContext,
    name: VersionRef,
    request: RestoreRequest,
    expected: Option<&str>,
) -> Result<Done<Review>, Error> {
    scope::needs(op, CommandName::Restore)?;
    let RestoreRequest { comment, password } = request;
    let command = Command::Restore { comment: comment::checked(comment)? };
    let op = &presence::with_password(op, password).await?;
    carry_out(op, &name.into(), command, expected, &[]).await
}
