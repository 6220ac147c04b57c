//! Opens the next round.

use crate::{
    Error, OpContext,
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
/// A refusal.
pub async fn reset(
    op: &OpContext,
    name: &SignOffRef,
    request: ResetRequest,
    expected: Option<&str>,
) -> Result<Done<Review>, Error> {
    scope::needs(op, CommandName::Reset)?;
    let ResetRequest { reload_reviewers, comment, dry_run: only_try } = request;
    let command = Command::Reset { reload_reviewers, comment: comment::checked(comment)? };
    match only_try {
        true => dry_run(op, name, command, expected).await,
        false => carry_out(op, name, command, expected, &[]).await,
    }
}
