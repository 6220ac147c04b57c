//! Gives, changes and withdraws feedback.

use crate::{
    Error, OpContext,
    reviews::{carry_out::carry_out, comment, scope},
    views::{self, Done, GiveFeedbackRequest},
};
use domain::{
    SignOffRef, SlotName,
    signoff::{Command, CommandName},
};

/// Gives or changes feedback.
///
/// # Errors
/// A refusal.
pub async fn give(
    op: &OpContext,
    name: &SignOffRef,
    request: GiveFeedbackRequest,
    expected: Option<&str>,
) -> Result<Done<views::Review>, Error> {
    scope::needs(op, CommandName::GiveFeedback)?;
    let GiveFeedbackRequest { slot, verdict, comment } = request;
    carry_out(op, name, Command::GiveFeedback { slot, verdict, comment: comment::checked(comment)? }, expected, &[]).await
}

/// Takes feedback back.
///
/// # Errors
/// A refusal.
pub async fn withdraw(
    op: &OpContext,
    name: &SignOffRef,
    slot: SlotName,
    expected: Option<&str>,
) -> Result<Done<views::Review>, Error> {
    scope::needs(op, CommandName::WithdrawFeedback)?;
    carry_out(op, name, Command::WithdrawFeedback { slot }, expected, &[]).await
}
