//! Opens the next round.

use crate::{
    Error, OpContext,
    base::presence,
    reviews::{
        carry_out::{carry_out, dry_run},
        comment, scope,
    },
    views::{Done, ResetRequest, Review},
};
use domain::{
    SignOffRef,
    signoff::{Command, CommandName},
};

/// Opens the next round, or says what that would do.
///
/// # Errors
/// A refusal; for an approved version a sign-in that is too long ago, without a password.
pub async fn reset(
    op: &OpContext,
    name: &SignOffRef,
    request: ResetRequest,
    expected: Option<&str>,
) -> Result<Done<Review>, Error> {
    scope::needs(op, CommandName::Reset)?;
    let ResetRequest { reload_reviewers, comment, dry_run: only_try, password } = request;
    let command = Command::Reset { reload_reviewers, comment: comment::checked(comment)? };
    let op = &presence::with_password(op, password).await?;
    match only_try {
        true => dry_run(op, name, command, expected).await,
        false => carry_out(op, name, command, expected, &[]).await,
    }
}
