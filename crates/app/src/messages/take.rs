//! Hands messages to a worker.

use crate::{Caller, Error, OpContext, Server};
use domain::{Duration, MessageId};
use std::sync::Arc;

/// How long a worker has messages for itself. A worker that dies gives them back so; longer than sending the few takes that it takes at once.
const LEASE: Duration = Duration::from_seconds(2 * 60);

/// Whether the time of any message has come.
///
/// # Errors
/// When the database does not answer.
pub async fn are_due(server: &Server) -> Result<bool, Error> {
    Ok(server.store.read().await?.messages_are_due(server.now()).await?)
}

/// Takes the messages of up to so many mails whose time has come, mail by mail; no other worker has them meanwhile. Most mails tell of one
/// thing; those that gather what happened tell of many.
///
/// # Errors
/// When the database does not answer.
pub async fn take(server: &Arc<Server>, limit: u32) -> Result<Vec<Vec<MessageId>>, Error> {
    let op = OpContext::new(Arc::clone(server), Caller::Clock, "deliver");
    let (ref op, mut tx) = op.write_outside().await?;
    let mails = tx.take_messages(op.now, op.now.plus(LEASE), limit).await?;
    tx.commit().await?;
    Ok(mails.into_iter().map(|mail| mail.into_iter().map(|message| message.id).collect()).collect())
}
