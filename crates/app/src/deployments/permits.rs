//! Renews permits after half of their time, while the gate lets the version through.
//! So a node that loses the server serves for at least half of a permit's time, and a lapse ends the service by itself.

use crate::{
    Caller, Error, OpContext, Server,
    base::{error::Kind, find},
    change::{self, Subject},
};
use domain::StatementId;
use std::sync::Arc;
use store::Share;
use uuid::Uuid;

/// How many permits are read at once.
const AT_ONCE: u32 = 100;

/// Renews every permit that is due; gives how many.
///
/// # Errors
/// When the database does not answer. What was renewed before that stays renewed. A permit that cannot be renewed for a reason of
/// its own is logged, and does not keep the others waiting.
pub async fn renew_due(server: &Arc<Server>) -> Result<usize, Error> {
    let op = OpContext::new(server.clone(), Caller::Clock, "renewal");
    let mut renewed = 0;
    let mut last = StatementId::from_uuid(Uuid::nil());
    loop {
        let due = op.read().await?.renewable(op.now, last, AT_ONCE).await?;
        let Some(share) = due.last() else { return Ok(renewed) };
        last = share.permit_id;
        for share in &due {
            match renew(&op, share).await {
                Ok(done) => renewed += usize::from(done),
                Err(error) if error.kind() == Kind::Internal => {
                    tracing::error!(permit = %share.permit_id, %error, cause = ?error.source, "a permit could not be renewed");
                }
                Err(error) => return Err(error),
            }
        }
    }
}

/// Renews one permit; false where that turns out not to be called for.
async fn renew(op: &OpContext, due: &Share) -> Result<bool, Error> {
    let (ref op, mut tx) = op.write().await?;
    // Somebody may have been faster: another server that renewed it, a person who deployed, stopped or revoked.
    let Some(deployment) = tx.deployment(due.deployment_id).await?.filter(|found| found.current_revision == due.revision) else {
        return Ok(false);
    };
    let share = tx.share(due.deployment_id, due.revision, due.place).await?.filter(|share| share.permit_id == due.permit_id);
    let Some(share) = share else {
        return Ok(false);
    };
    let found = find::known_version(&mut tx, share.version_id).await?;
    let Some((event, about)) = change::permits::renew(op, &mut tx, &found, &deployment, share, false).await? else {
        return Ok(false);
    };
    change::record(op, &mut tx, Subject::Ids(about), event).await?;
    tx.commit().await?;
    Ok(true)
}
