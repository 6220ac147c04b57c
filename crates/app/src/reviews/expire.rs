//! The clock's command: approvals past their end become expired. The gate does not wait for this: it looks at the end itself.

use crate::change::{self};
use crate::{
    Caller, Error, OpContext,
    base::{error::Kind, find, server::Server},
};
use domain::{StepName, VersionId};
use std::sync::Arc;

/// Expires up to a hundred approvals whose end has come; gives how many, so that the caller goes on while there are more.
///
/// # Errors
/// When the database does not answer. What was expired before that stays expired. A round that cannot be expired for a reason of
/// its own is logged, and does not keep the others waiting.
pub async fn expire_due(server: &Arc<Server>) -> Result<usize, Error> {
    let op = OpContext::new(server.clone(), Caller::Clock, "clock");
    let due = op.read().await?.due(op.now, 100).await?;
    let mut expired = 0;
    for (version, step) in due {
        match expire(&op, version, &step).await {
            Ok(done) => expired += usize::from(done),
            Err(error) if error.kind() == Kind::Internal => {
                tracing::error!(%version, %step, %error, cause = ?error.source, "an approval past its end could not be expired");
            }
            Err(error) => return Err(error),
        }
    }
    Ok(expired)
}

/// Expires the approval of a version on a step, unless another server, or a person, was faster.
async fn expire(op: &OpContext, version: VersionId, step: &StepName) -> Result<bool, Error> {
    let (ref op, mut tx) = op.write().await?;
    let Some(mut found) = find::known_version(&mut tx, version).await?.with_sign_off_on(step) else {
        return Ok(false);
    };
    let Some(transition) = found.signoff().clone().expire(op.now) else {
        return Ok(false);
    };
    change::transition(op, &mut tx, &mut found, None, transition, None).await?;
    tx.commit().await?;
    Ok(true)
}
