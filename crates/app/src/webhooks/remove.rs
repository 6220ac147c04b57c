//! Removes a webhook.

use super::{access, view};
use crate::{Error, OpContext, change};
use domain::{Name, access::Scope, event::Event};

/// Removes a webhook with the list of its deliveries. What waits is not sent any more.
///
/// # Errors
/// No such webhook, or not the caller's to remove.
pub async fn remove(op: &OpContext, name: &Name) -> Result<(), Error> {
    op.needs(Scope::Administer)?;
    let (ref op, mut tx) = op.write().await?;
    let (webhook, project) = access::kept(op, &mut tx, name).await?;
    tx.delete(&webhook).await?;
    let event = Event::WebhookRemoved { webhook: webhook.id, name: webhook.name };
    change::record(op, &mut tx, view::subject(project.as_ref()), event).await?;
    Ok(tx.commit().await?)
}
