//! What became of a call.

use super::disable::disable;
use crate::{Caller, Error, OpContext, Server, base::backoff};
use domain::{DeliveryId, Duration, WebhookId};
use std::sync::Arc;
use store::WebhookAnswer;

/// After how many failed attempts a delivery is given up: with their waits about a day.
const MOST_ATTEMPTS: u32 = 14;

/// How long a webhook may fail, without one success, before the server calls it no more.
const LONGEST_FAILURE: Duration = Duration::from_days(5);

/// The longest rest of a webhook that fails.
const LONGEST_REST: Duration = Duration::from_seconds(60 * 60);

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The webhook took it: any status from 200 to 299.
    Taken,
    /// The webhook wants nothing any more: 410.
    Gone,
    /// Anything else, in words.
    Failed(String),
}

/// Notes that a delivery cannot be sent at all. The webhook is not to blame.
///
/// # Errors
/// When the database does not answer.
pub async fn unsendable(server: &Arc<Server>, id: DeliveryId, why: &str) -> Result<(), Error> {
    let op = OpContext::new(Arc::clone(server), Caller::Clock, "call_webhooks");
    let (op, mut tx) = op.write_outside().await?;
    tx.delivery_failed(id, op.now, &WebhookAnswer::default(), why).await?;
    Ok(tx.commit().await?)
}

/// Notes how a call ended. A webhook that fails rests for a while; one that is gone, or failed for long, is disabled.
///
/// # Errors
/// When the database does not answer. Then the delivery is sent once more, with the same id.
pub async fn answered(
    server: &Arc<Server>,
    id: DeliveryId,
    webhook: WebhookId,
    answer: Answer,
    seen: WebhookAnswer,
) -> Result<(), Error> {
    let op = OpContext::new(Arc::clone(server), Caller::Clock, "call_webhooks");
    let (ref op, mut tx) = op.write_outside().await?;
    let Some(delivery) = tx.delivery(id).await? else { return Ok(()) };
    let random = op.entropy.bytes();
    let mut disabled = None;
    match answer {
        Answer::Taken => {
            tx.delivered(id, op.now, &seen).await?;
            tx.webhook_recovers(webhook).await?;
        }
        Answer::Gone => {
            tx.delivery_failed(id, op.now, &seen, "the webhook answered 410 Gone").await?;
            disabled = Some("the webhook answered 410 Gone".to_owned());
        }
        Answer::Failed(error) => {
            if delivery.attempts < MOST_ATTEMPTS {
                let next = op.now.plus(backoff::wait(delivery.attempts, backoff::LONGEST_WAIT, random[0]));
                tx.delivery_put_off(id, next, &seen, &error).await?;
            } else {
                tx.delivery_failed(id, op.now, &seen, &error).await?;
            }
            let failing = tx.failing_webhook(webhook).await?;
            let failures = failing.as_ref().map_or(0, |failing| failing.failures);
            let rest = backoff::wait(failures + 1, LONGEST_REST, random[1]);
            tx.webhook_fails(webhook, op.now, op.now.plus(rest)).await?;
            let for_long = failing.filter(|failing| failing.since.plus(LONGEST_FAILURE) <= op.now);
            disabled = for_long.map(|failing| format!("the webhook has failed since {}: {error}", failing.since));
        }
    }
    tx.commit().await?;
    match disabled {
        Some(because) => disable(server, webhook, because).await,
        None => Ok(()),
    }
}
