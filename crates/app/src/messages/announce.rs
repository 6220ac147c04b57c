//! Makes messages and deliveries of what happened: one for each person and event, and one for each webhook and event.

use super::recipients::{self, Recipient};
use crate::{Caller, Error, OpContext, Server, base::error::Kind};
use domain::{Timestamp, notice};
use std::sync::Arc;
use store::{About, Delivery, LoggedEvent, Message, Reader, Webhook};

/// How many events are gone through in one change.
const AT_ONCE: u32 = 50;

/// What a run made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Announced {
    /// Messages to people.
    pub messages: usize,
    /// Deliveries to webhooks.
    pub deliveries: usize,
    /// Whether there are more events.
    pub more: bool,
}

/// Goes through the next events of the log. Without a mail server nobody gets a message, also not later of what happened meanwhile.
///
/// # Errors
/// When the database does not answer, or an event cannot be read: then the next run begins there.
pub async fn announce(server: &Arc<Server>) -> Result<Announced, Error> {
    let op = OpContext::new(Arc::clone(server), Caller::Clock, "announce");
    let mut reader = op.read().await?;
    let from = reader.announced().await?;
    let events = reader.events(About::default(), from, Timestamp::from_micros(i64::MIN), AT_ONCE).await?;
    let Some(last) = events.last() else { return Ok(Announced::default()) };
    let webhooks = webhooks(&mut reader).await?;
    let deliveries: Vec<_> = events.iter().flat_map(|event| deliveries(&op, &webhooks, event)).collect();
    let mut messages = Vec::new();
    if op.sends_mail().await? {
        for event in &events {
            match recipients::of(&op, &mut reader, event).await {
                Ok(recipients) => {
                    let waits = |Recipient { user, topic, gathered }| {
                        let message = Message::waiting(op.id(), Some(event.position), user, topic, op.now);
                        match gathered {
                            Some(until) => message.in_digest(until),
                            None => message,
                        }
                    };
                    messages.extend(recipients.into_iter().map(waits));
                }
                // A row that somebody altered must not keep everybody else from hearing of other things.
                Err(error) if error.kind() == Kind::Internal => {
                    tracing::error!(position = event.position, %error, cause = ?error.source, "nobody can be told of this event");
                }
                Err(error) => return Err(error),
            }
        }
    }
    // The view is given back first: on SQLite a long look keeps the write-ahead log from ending.
    drop(reader);
    let (_, mut tx) = op.write_outside().await?;
    if !tx.announce(from, last.position + 1).await? {
        // Another server was faster.
        return Ok(Announced { more: true, ..Announced::default() });
    }
    for message in &messages {
        tx.add_message(message).await?;
    }
    for delivery in &deliveries {
        tx.add_delivery(delivery).await?;
    }
    tx.commit().await?;
    let more = events.len() == AT_ONCE as usize;
    Ok(Announced { messages: messages.len(), deliveries: deliveries.len(), more })
}

/// Every webhook. One that somebody altered is left out, and keeps nobody else from hearing of things.
async fn webhooks(reader: &mut Reader) -> Result<Vec<Webhook>, Error> {
    let mut webhooks = Vec::new();
    for id in reader.webhook_ids().await? {
        match reader.webhook(id).await.map_err(Error::from) {
            Ok(webhook) => webhooks.extend(webhook),
            Err(error) if error.kind() == Kind::Internal => {
                tracing::error!(webhook = %id, %error, cause = ?error.source, "this webhook cannot be told of anything");
            }
            Err(error) => return Err(error),
        }
    }
    Ok(webhooks)
}

/// A delivery for each webhook that is told of this event.
fn deliveries(op: &OpContext, webhooks: &[Webhook], event: &LoggedEvent) -> Vec<Delivery> {
    let topics = notice::topics(&event.event);
    let told = webhooks.iter().filter_map(|webhook| {
        let topic = topics.iter().find(|topic| webhook.hears(**topic, event.about.project))?;
        Some(Delivery::waiting(op.id(), webhook.id, Some(event.position), *topic, op.now))
    });
    told.collect()
}
