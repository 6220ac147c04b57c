//! What became of each call of a webhook, and calling once more.

use super::access;
use crate::{
    Error, OpContext, Page,
    base::error::Code,
    views::{self, List},
};
use domain::{DeliveryId, Name, NextStep, access::Scope};
use store::{Delivery, MessageState};
use uuid::Uuid;

/// The deliveries of a webhook in this state, or all, the newest first. `page.after` is the id of the last one listed.
///
/// # Errors
/// No such webhook, or none that the caller may see; no id to go on after.
pub async fn deliveries(
    op: &OpContext,
    name: &Name,
    state: Option<views::MessageState>,
    page: &Page,
) -> Result<List<views::Delivery>, Error> {
    op.needs(Scope::Read)?;
    let before: DeliveryId = match page.after.as_str() {
        "" => Uuid::max().into(),
        id => id.parse().map_err(|_| Error::invalid("after", "`after` is the id of the last delivery that was listed"))?,
    };
    let mut reader = op.read().await?;
    let (webhook, _) = access::seen(op, &mut reader, name).await?;
    let found = reader.deliveries(webhook.id, state.map(MessageState::from), before, page.limit() + 1).await?;
    Ok(List::page(found.into_iter().map(view).collect(), page.limit(), |delivery| delivery.id.to_string()))
}

/// Sends once more what was sent or given up: the same bytes under the same id.
///
/// # Errors
/// No such delivery, or not the caller's to send; one that waits already; a webhook that is disabled.
pub async fn redeliver(op: &OpContext, name: &Name, id: DeliveryId) -> Result<views::Delivery, Error> {
    op.needs(Scope::Administer)?;
    let (ref op, mut tx) = op.write_outside().await?;
    let (webhook, _) = access::kept(op, &mut tx, name).await?;
    if webhook.disabled_at.is_some() {
        let error = Error::new(Code::WebhookDisabled, "the webhook is disabled, so the server does not call it");
        return Err(error.next(NextStep::EnableWebhook { webhook: webhook.name }));
    }
    let delivery = tx.delivery(id).await?.filter(|delivery| delivery.webhook_id == webhook.id);
    delivery.ok_or_else(|| Error::not_found("delivery", id))?;
    // One that waits already goes out anyway.
    tx.redeliver(id, op.now).await?;
    let delivery = tx.delivery(id).await?.ok_or_else(|| Error::not_found("delivery", id))?;
    tx.commit().await?;
    Ok(view(delivery))
}

/// A delivery as its keepers see it.
pub(super) fn view(delivery: Delivery) -> views::Delivery {
    let state = delivery.state();
    views::Delivery {
        event_id: super::call::event_id(&delivery),
        id: delivery.id,
        topic: delivery.topic.as_str().to_owned(),
        position: delivery.position,
        state: state.into(),
        created_at: delivery.created_at,
        due_at: (state == MessageState::Waiting).then_some(delivery.due_at),
        attempts: delivery.attempts,
        sent_at: delivery.sent_at,
        failed_at: delivery.failed_at,
        request: delivery.request,
        status: delivery.status,
        response: delivery.response,
        error: delivery.error,
    }
}
