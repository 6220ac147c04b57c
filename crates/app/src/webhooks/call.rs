//! Hands deliveries to a worker.

use super::secrets;
use crate::{
    Caller, Error, OpContext, Server,
    messages::happening::{self, Happening},
};
use domain::{DeliveryId, Duration, Timestamp, WebhookId, webhook::WebhookKind};
use std::sync::Arc;
use store::Delivery;

/// How long a worker has deliveries for itself: longer than a call takes. A worker that dies gives them back so.
const LEASE: Duration = Duration::from_seconds(60);

/// How many deliveries of one webhook are taken at once; of one that fails a single one, which tries it.
const AT_ONCE: u32 = 8;

/// One call of a webhook.
#[derive(Clone, Debug)]
pub struct Call {
    /// The delivery.
    pub id: DeliveryId,
    /// The webhook.
    pub webhook: WebhookId,
    /// What listens there.
    pub kind: WebhookKind,
    /// Where.
    pub url: String,
    /// What to sign with; each gives a signature.
    pub secrets: Vec<String>,
    /// The same for each attempt, and for each webhook that is told of the event.
    pub event_id: String,
    /// When the attempt began.
    pub now: Timestamp,
    /// What is sent, where there was an attempt before.
    pub request: Option<String>,
    /// What happened.
    pub what: Happening,
}

/// Takes up to `room` deliveries whose time has come, of each webhook that does not rest and is not among the busy ones; no other worker
/// has them meanwhile. Gives each with its webhook.
///
/// # Errors
/// When the database does not answer.
pub async fn take(server: &Arc<Server>, busy: &[WebhookId], room: usize) -> Result<Vec<(WebhookId, DeliveryId)>, Error> {
    let now = server.now();
    let mut due = server.store.read().await?.due_webhooks(now).await?;
    due.retain(|(webhook, _)| !busy.contains(webhook));
    if due.is_empty() {
        return Ok(Vec::new());
    }
    let op = OpContext::new(Arc::clone(server), Caller::Clock, "call_webhooks");
    let (ref op, mut tx) = op.write_outside().await?;
    let mut taken = Vec::new();
    for (webhook, fails) in due {
        let room = u32::try_from(room - taken.len()).unwrap_or(AT_ONCE);
        let limit = if fails { 1 } else { AT_ONCE }.min(room);
        if limit == 0 {
            break;
        }
        let deliveries = tx.take_deliveries(webhook, op.now, op.now.plus(LEASE), limit).await?;
        taken.extend(deliveries.into_iter().map(|delivery| (webhook, delivery.id)));
    }
    tx.commit().await?;
    Ok(taken)
}

/// What to send, and where. An error in words where it cannot be sent any more.
///
/// # Errors
/// When the database does not answer, or the event cannot be read.
pub async fn call(server: &Arc<Server>, id: DeliveryId) -> Result<Result<Call, String>, Error> {
    let op = OpContext::new(Arc::clone(server), Caller::Clock, "call_webhooks");
    let mut reader = op.read().await?;
    let Some(delivery) = reader.delivery(id).await? else { return Ok(Err("the delivery is not there any more".to_owned())) };
    if delivery.sent_at.is_some() || delivery.failed_at.is_some() {
        return Ok(Err("the delivery has ended".to_owned()));
    }
    let webhook = reader.webhook(delivery.webhook_id).await?.filter(|webhook| webhook.disabled_at.is_none());
    let Some(webhook) = webhook else { return Ok(Err("the webhook is removed or disabled".to_owned())) };
    let what = match delivery.position {
        None => Some(happening::test(&op, delivery.created_at)),
        Some(position) => happening::at(&op, &mut reader, delivery.topic, position).await?.map(|told| told.happening),
    };
    let Some(what) = what else { return Ok(Err("the event is not there".to_owned())) };
    Ok(Ok(Call {
        id,
        webhook: webhook.id,
        kind: webhook.kind,
        secrets: secrets::all(&op, &webhook),
        url: webhook.url,
        event_id: event_id(&delivery),
        now: op.now,
        request: delivery.request,
        what,
    }))
}

/// Keeps what is sent, so that each attempt sends the same.
///
/// # Errors
/// When the database does not answer.
pub async fn keep_request(server: &Arc<Server>, id: DeliveryId, request: &str) -> Result<(), Error> {
    let op = OpContext::new(Arc::clone(server), Caller::Clock, "call_webhooks");
    let (_, mut tx) = op.write_outside().await?;
    tx.keep_request(id, request).await?;
    Ok(tx.commit().await?)
}

/// The id by which a receiver knows an event again: that of the record, or that of the test.
pub(super) fn event_id(delivery: &Delivery) -> String {
    match delivery.position {
        Some(position) => format!("event-{position}"),
        None => format!("test-{}", delivery.id),
    }
}
