//! What became of a call.

use super::{call::Call, disable::disable};
use crate::{Caller, Error, OpContext, Server, base::backoff};
use domain::{DeliveryId, Duration, Timestamp};
use std::sync::Arc;
use store::{Delivery, OutsideWriter, WebhookAnswer};

/// After how many failed attempts a delivery is given up: with their waits about a day.
const MOST_ATTEMPTS: u32 = 14;

/// How long a webhook may fail, without one success, before the server calls it no more.
const LONGEST_FAILURE: Duration = Duration::from_days(5);

/// After how long without an attempt earlier failures do not count any more.
const QUIET: Duration = Duration::from_days(1);

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

/// Notes that what a delivery tells of cannot be read now: it waits, or is given up. The webhook is not to blame.
///
/// # Errors
/// When the database does not answer.
pub async fn unreadable(server: &Arc<Server>, id: DeliveryId, why: &str) -> Result<(), Error> {
    let op = OpContext::new(Arc::clone(server), Caller::Clock, "call_webhooks");
    let (op, mut tx) = op.write_outside().await?;
    let Some(delivery) = tx.delivery(id).await? else { return Ok(()) };
    put_off(&op, &mut tx, &delivery, &WebhookAnswer::default(), why).await?;
    Ok(tx.commit().await?)
}

/// Notes how a call ended. A webhook that fails rests for a while; one that is gone, or failed for long, is disabled.
///
/// # Errors
/// When the database does not answer. Then the delivery is sent once more, with the same id.
pub async fn answered(server: &Arc<Server>, call: &Call, answer: Answer, seen: WebhookAnswer) -> Result<(), Error> {
    let (id, webhook) = (call.id, call.webhook);
    let op = OpContext::new(Arc::clone(server), Caller::Clock, "call_webhooks");
    let (ref op, mut tx) = op.write_outside().await?;
    let Some(delivery) = tx.delivery(id).await? else { return Ok(()) };
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
            put_off(op, &mut tx, &delivery, &seen, &error).await?;
            disabled = fails(op, &mut tx, call).await?.map(|since| format!("the webhook has failed since {since}: {error}"));
        }
    }
    tx.commit().await?;
    match disabled {
        Some(because) => disable(server, webhook, because).await,
        None => Ok(()),
    }
}

/// Notes a failure of a webhook, which rests for a while then. Gives since when it fails, where that is too long.
async fn fails(op: &OpContext, tx: &mut OutsideWriter, call: &Call) -> Result<Option<Timestamp>, Error> {
    let mut failing = tx.failing_webhook(call.webhook).await?;
    if failing.as_ref().is_some_and(|failing| failing.rests_until.plus(QUIET) < op.now) {
        // Nothing was tried for long: that it failed before says little of today.
        tx.webhook_recovers(call.webhook).await?;
        failing = None;
    }
    // Of calls that went out together one failure counts: they met the same moment.
    if failing.as_ref().is_some_and(|failing| failing.rests_until > call.now) {
        return Ok(None);
    }
    let failures = failing.as_ref().map_or(0, |failing| failing.failures);
    let rest = backoff::wait(failures + 1, LONGEST_REST, op.entropy.bytes()[1]);
    tx.webhook_fails(call.webhook, op.now, op.now.plus(rest)).await?;
    Ok(failing.map(|failing| failing.since).filter(|since| since.plus(LONGEST_FAILURE) <= op.now))
}

/// Lets a delivery wait for its next attempt, or gives it up.
async fn put_off(
    op: &OpContext,
    tx: &mut OutsideWriter,
    delivery: &Delivery,
    seen: &WebhookAnswer,
    error: &str,
) -> Result<(), Error> {
    if delivery.attempts < MOST_ATTEMPTS {
        let next = op.now.plus(backoff::wait(delivery.attempts, backoff::LONGEST_WAIT, op.entropy.bytes()[0]));
        tx.delivery_put_off(delivery.id, next, seen, error).await?;
    } else {
        tx.delivery_failed(delivery.id, op.now, seen, error).await?;
    }
    Ok(())
}
