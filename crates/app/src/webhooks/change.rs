//! Changes a webhook: its address, what it is told of, and whether the server calls it.

use super::{access, address, create, view};
use crate::{
    Error, OpContext, change as changes,
    views::{self, ChangeWebhookRequest},
};
use domain::{Name, access::Scope};
use store::{Json, Webhook};

/// Changes what the request names. What waits for a webhook that is switched off is given up.
///
/// # Errors
/// No such webhook, or not the caller's to change; an address that is not allowed; a topic that is none.
pub async fn change(op: &OpContext, name: &Name, request: ChangeWebhookRequest) -> Result<views::Webhook, Error> {
    op.needs(Scope::Administer)?;
    access::kept(op, &mut op.read().await?, name).await?;
    let topics = request.topics.as_deref().map(create::topics).transpose()?;
    let url = match &request.url {
        Some(url) => Some(address::checked(op, url).await?),
        None => None,
    };
    let (ref op, mut tx) = op.write().await?;
    let (before, project) = access::kept(op, &mut tx, name).await?;
    let enabled = request.enabled.unwrap_or(before.disabled_at.is_none());
    let after = Webhook {
        url: url.unwrap_or_else(|| before.url.clone()),
        topics: topics.map_or_else(|| before.topics.clone(), Json),
        disabled_at: if enabled { None } else { before.disabled_at.or(Some(op.now)) },
        disabled_because: if enabled { None } else { before.disabled_because.clone() },
        ..before.clone()
    };
    if after == before {
        return view::webhook(op, &mut tx, &before, project.as_ref()).await;
    }
    let after = Webhook { revision: before.revision + 1, ..after };
    tx.update(&after).await?;
    if before.disabled_at.is_none() && !enabled {
        tx.give_up_deliveries(after.id, op.now, "the webhook was switched off").await?;
    }
    // Another address, or one that was mended, is tried at once.
    tx.webhook_recovers(after.id).await?;
    changes::record(op, &mut tx, view::subject(project.as_ref()), view::set(&after, false)).await?;
    tx.commit().await?;
    view::webhook(op, &mut op.read_back().await?, &after, project.as_ref()).await.map_err(Error::after_commit)
}
