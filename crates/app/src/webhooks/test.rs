//! Tries whether a webhook takes what is sent.

use super::{access, deliveries::view};
use crate::{Error, OpContext, base::error::Code, views};
use domain::{Name, NextStep, access::Scope, notice::Topic};
use store::Delivery;

/// Sends a test to a webhook, by the way that everything goes.
///
/// # Errors
/// No such webhook, or not the caller's to test; one that is disabled.
pub async fn test(op: &OpContext, name: &Name) -> Result<views::Delivery, Error> {
    op.needs(Scope::Administer)?;
    let (ref op, mut tx) = op.write_outside().await?;
    let (webhook, _) = access::kept(op, &mut tx, name).await?;
    if webhook.disabled_at.is_some() {
        let error = Error::new(Code::WebhookDisabled, "the webhook is disabled, so the server does not call it");
        return Err(error.next(NextStep::EnableWebhook { webhook: webhook.name }));
    }
    let delivery = Delivery::waiting(op.id(), webhook.id, None, Topic::Test, op.now);
    tx.add_delivery(&delivery).await?;
    // A test is sent also while the webhook rests.
    tx.webhook_recovers(webhook.id).await?;
    tx.commit().await?;
    Ok(view(delivery))
}
