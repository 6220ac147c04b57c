//! Requests a review, a renewal or the final approval, takes a request back, sends a review back to feedback, or reloads its reviewers.

use crate::{
    Error, OpContext,
    base::find,
    reviews::{carry_out::carry_out, comment, scope},
    views::{self, CommentRequest, Done, RequestReviewRequest},
};
use domain::{
    SignOffRef,
    access::Action,
    signoff::{Command, CommandName, Notify},
};

/// The most people whom a request can name to be told.
const MOST_NOTIFIED: usize = 200;

/// Asks for a review; copies the project's reviewers into the round.
///
/// # Errors
/// A refusal, or somebody to be told who does not exist.
pub async fn request(
    op: &OpContext,
    name: &SignOffRef,
    request: RequestReviewRequest,
    expected: Option<&str>,
) -> Result<Done<views::Review>, Error> {
    scope::needs(op, CommandName::RequestReview)?;
    check_notified(op, name, &request.notify.0).await?;
    let command = Command::RequestReview { skip_feedback: request.skip_feedback, notify: request.notify.0 };
    carry_out(op, name, command, expected, &[]).await
}

/// Asks for a renewal: the next round opens, and the approval goes on.
///
/// # Errors
/// A refusal, or somebody to be told who does not exist.
pub async fn renew(
    op: &OpContext,
    name: &SignOffRef,
    request: RequestReviewRequest,
    expected: Option<&str>,
) -> Result<Done<views::Review>, Error> {
    scope::needs(op, CommandName::RequestRenewal)?;
    check_notified(op, name, &request.notify.0).await?;
    let command = Command::RequestRenewal { skip_feedback: request.skip_feedback, notify: request.notify.0 };
    carry_out(op, name, command, expected, &[]).await
}

/// Checks that those who are to be told have accounts.
async fn check_notified(op: &OpContext, name: &SignOffRef, notify: &Notify) -> Result<(), Error> {
    let Notify::Some(names) = notify else { return Ok(()) };
    if names.len() > MOST_NOTIFIED {
        return Err(Error::invalid("/notify", format!("name at most {MOST_NOTIFIED} people, or `all`")));
    }
    let mut reader = op.read().await?;
    find::version(op, &mut reader, &name.version, Action::ReadProject).await?;
    for user in names {
        find::user(&mut reader, user, "/notify").await?;
    }
    Ok(())
}

/// Goes on to the final approval.
///
/// # Errors
/// A refusal.
pub async fn request_final(op: &OpContext, name: &SignOffRef, expected: Option<&str>) -> Result<Done<views::Review>, Error> {
    scope::needs(op, CommandName::RequestFinalApproval)?;
    carry_out(op, name, Command::RequestFinalApproval, expected, &[]).await
}

/// Lets feedback in again.
///
/// # Errors
/// A refusal.
pub async fn back(op: &OpContext, name: &SignOffRef, expected: Option<&str>) -> Result<Done<views::Review>, Error> {
    scope::needs(op, CommandName::BackToFeedback)?;
    carry_out(op, name, Command::BackToFeedback, expected, &[]).await
}

/// Takes the request for the review back, while nobody has answered.
///
/// # Errors
/// A refusal.
pub async fn take_back(op: &OpContext, name: &SignOffRef, expected: Option<&str>) -> Result<Done<views::Review>, Error> {
    scope::needs(op, CommandName::TakeBackRequest)?;
    carry_out(op, name, Command::TakeBackRequest, expected, &[]).await
}

/// Takes the project's present reviewers into the open round.
///
/// # Errors
/// A refusal.
pub async fn reload_reviewers(
    op: &OpContext,
    name: &SignOffRef,
    request: CommentRequest,
    expected: Option<&str>,
) -> Result<Done<views::Review>, Error> {
    scope::needs(op, CommandName::ReloadReviewers)?;
    carry_out(op, name, Command::ReloadReviewers { comment: comment::checked(request.comment)? }, expected, &[]).await
}
