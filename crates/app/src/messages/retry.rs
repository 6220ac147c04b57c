//! Lets messages that were given up wait again.

use crate::{
    Error, OpContext,
    views::{RetriedMessages, RetryMessagesRequest},
};
use domain::access::{Action, Scope};

/// Lets one message that was given up wait again, or all of them; gives how many.
///
/// # Errors
/// Not an administrator.
pub async fn retry(op: &OpContext, request: RetryMessagesRequest) -> Result<RetriedMessages, Error> {
    op.needs(Scope::Administer)?;
    op.allow(Action::KeepUsers)?;
    let (op, mut tx) = op.write_outside().await?;
    let retried = tx.retry_messages(request.message, op.now).await?;
    tx.commit().await?;
    Ok(RetriedMessages { retried })
}
