//! Opens the next round.

use crate::{
    Error, OpContext,
    reviews::carry_out::carry_out,
    views::{Done, ResetRequest, Review},
};
use domain::{VersionRef, access::Scope, signoff::Command};

/// Opens the next round.
///
/// # Errors
/// A refusal.
pub async fn reset(
    op: &OpContext,
    name: &VersionRef,
    request: ResetRequest,
    expected: Option<&str>,
) -> Result<Done<Review>, Error> {
    op.needs(Scope::Register)?;
    carry_out(op, name, Command::Reset { reload_reviewers: request.reload_reviewers }, expected, &[]).await
}
