//! The clock's own command: approvals past their end become expired. The gate never waits for it: it looks at the end itself.

use crate::{Caller, Error, OpContext, find, lapse, review, server::Server};
use std::sync::Arc;

/// Expires up to a hundred approvals whose end has come; gives how many, so that the caller goes on while there are more.
///
/// # Errors
/// When the database does not answer. What was expired before that stays expired.
pub async fn expire_due(server: &Arc<Server>) -> Result<usize, Error> {
    let op = OpContext::new(server.clone(), Caller::Clock, "clock");
    let due = op.read().await?.due_rounds(op.now, 100).await?;
    let mut expired = 0;
    for round in due {
        let (ref op, mut tx) = op.write().await?;
        let Some(version) = tx.version(round.version_id).await? else {
            continue;
        };
        let mut found = find::belongings(&mut tx, version).await?;
        // Another server, or a person, may have been faster.
        let Some(transition) = found.signoff().clone().expire(op.now) else {
            continue;
        };
        review::save(&op, &mut tx, &mut found, transition.signoff, review::trigger(&transition.event)).await?;
        tx.record(transition.event, found.about());
        lapse::tell(&op, &mut tx, &found).await?;
        tx.commit().await?;
        expired += 1;
    }
    Ok(expired)
}
