//! Gives, changes and withdraws feedback.

use crate::{
    Error, OpContext,
    reviews::{carry_out::carry_out, comment},
    views::{self, Done, GiveFeedbackRequest},
};
use domain::{SlotName, VersionRef, access::Scope, signoff::Command};

/// Gives or changes feedback.
///
/// # Errors
/// A refusal.
pub async fn give(
    op: &OpContext,
    name: &VersionRef,
    request: GiveFeedbackRequest,
    expected: Option<&str>,
) -> Result<Done<views::Review>, Error> {
    op.needs(Scope::Review)?;
    let GiveFeedbackRequest { slot, verdict, comment } = request;
    carry_out(op, name, Command::GiveFeedback { slot, verdict, comment: comment::checked(comment)? }, expected, &[]).await
}

/// Takes feedback back.
///
/// # Errors
/// A refusal.
pub async fn withdraw(
    op: &OpContext,
    name: &VersionRef,
    slot: SlotName,
    expected: Option<&str>,
) -> Result<Done<views::Review>, Error> {
    op.needs(Scope::Review)?;
    carry_out(op, name, Command::WithdrawFeedback { slot }, expected, &[]).await
}
