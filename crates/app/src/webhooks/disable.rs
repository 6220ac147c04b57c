//! The server stops calling a webhook, and tells those who keep it.

use super::{access, view};
use crate::{Caller, Error, OpContext, Server, change};
use domain::{WebhookId, event::Event};
use std::sync::Arc;
use store::Webhook;

/// Disables a webhook, unless it is disabled already. What waits for it is given up.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn disable(server: &Arc<Server>, id: WebhookId, because: String) -> Result<(), Error> {
    let op = OpContext::new(Arc::clone(server), Caller::Clock, "call_webhooks");
    let (ref op, mut tx) = op.write().await?;
    let Some(before) = tx.webhook(id).await?.filter(|webhook| webhook.disabled_at.is_none()) else { return Ok(()) };
    let project = access::project(&mut tx, &before).await?;
    let name = before.name.clone();
    let (disabled_at, disabled_because) = (Some(op.now), Some(because.clone()));
    tx.update(&Webhook { disabled_at, disabled_because, revision: before.revision + 1, ..before }).await?;
    tx.give_up_deliveries(id, op.now, &because).await?;
    tx.webhook_recovers(id).await?;
    change::record(op, &mut tx, view::subject(project.as_ref()), Event::WebhookDisabled { webhook: id, name, because }).await?;
    Ok(tx.commit().await?)
}
