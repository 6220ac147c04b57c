//! Opens the next round.

use crate::{
    Error, OpContext,
    reviews::{carry_out::carry_out, scope},
    views::{Done, ResetRequest, Review},
};
use domain::{
    SignOffRef,
    signoff::{Command, CommandName},
};

/// Opens the next round.
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
    carry_out(op, name, Command::Reset { reload_reviewers: request.reload_reviewers }, expected, &[]).await
}
