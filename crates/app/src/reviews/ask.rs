//! Requests a review or the final approval, or sends a review back to feedback.

use crate::{
    Error, OpContext,
    base::find,
    reviews::{carry_out::carry_out, scope},
    views::{self, Done, RequestReviewRequest},
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
    if let Notify::Some(names) = &request.notify.0 {
        if names.len() > MOST_NOTIFIED {
            return Err(Error::invalid("/notify", format!("name at most {MOST_NOTIFIED} people, or `all`")));
        }
        let mut reader = op.read().await?;
        find::version(op, &mut reader, &name.version, Action::ReadProject).await?;
        for user in names {
            find::user(&mut reader, user, "/notify").await?;
        }
    }
    let command = Command::RequestReview { skip_feedback: request.skip_feedback, notify: request.notify.0 };
    carry_out(op, name, command, expected, &[]).await
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
