//! Delegates a task to another user.

use crate::{
    Error, OpContext,
    base::find,
    reviews::{carry_out::carry_out, scope},
    views::{self, DelegateRequest, Done},
};
use domain::{
    SignOffRef,
    reviewers::Task,
    signoff::{Command, CommandName, Until},
};

/// Hands a task to another user.
///
/// # Errors
/// A refusal; no such user; an end that cannot be read.
pub async fn delegate(
    op: &OpContext,
    name: &SignOffRef,
    request: DelegateRequest,
    expected: Option<&str>,
) -> Result<Done<views::Review>, Error> {
    scope::needs(op, CommandName::Delegate)?;
    let to = find::user(&mut op.read().await?, &request.to, "/to").await?.id;
    let until = request.until.as_deref().map(until).transpose()?;
    let task = request.slot.map_or(Task::FinalApproval, Task::Feedback);
    carry_out(op, name, Command::Delegate { task, to, until }, expected, &[to]).await
}

/// An end as people write it: a time, or a length from now.
fn until(text: &str) -> Result<Until, Error> {
    if let Ok(length) = text.parse() {
        return Ok(Until::Length(length));
    }
    text.parse().map(Until::Moment).map_err(|_| {
        Error::invalid(
            "/until",
            format!("`{}` is neither a length of time like 30d nor a time like 2026-11-23T09:30:00Z", text.escape_debug()),
        )
    })
}
