//! What became of an attempt to send a message.

use crate::{Caller, Error, OpContext, Server, base::backoff};
use domain::MessageId;
use std::sync::Arc;

/// After how many failed attempts a message is given up: with their waits about a day. Not by its age: while the mail server was gone there
/// was no attempt.
const MOST_ATTEMPTS: u32 = 14;

/// How an attempt failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// Trying again may help.
    TryAgain(String),
    /// Trying again does not help: the mail server refuses the recipient or the message.
    Refused(String),
}

/// Notes that the mail server took the messages of a mail.
///
/// # Errors
/// When the database does not answer. The mail is sent once more, with the same id, when its worker's time is over.
pub async fn sent(server: &Arc<Server>, mail: &[MessageId]) -> Result<(), Error> {
    let op = OpContext::new(Arc::clone(server), Caller::Clock, "deliver");
    let (op, mut tx) = op.write_outside().await?;
    for message in mail {
        tx.message_sent(*message, op.now).await?;
    }
    Ok(tx.commit().await?)
}

/// Notes a failed attempt to send a mail: its messages wait together for the next one, or are given up.
///
/// # Errors
/// As [`sent`].
pub async fn not_sent(server: &Arc<Server>, mail: &[MessageId], attempt: Attempt) -> Result<(), Error> {
    let op = OpContext::new(Arc::clone(server), Caller::Clock, "deliver");
    let (op, mut tx) = op.write_outside().await?;
    let mut next = None;
    for message in mail {
        let Some(row) = tx.message(*message).await? else { continue };
        let due = || op.now.plus(backoff::wait(row.attempts, backoff::LONGEST_WAIT, op.entropy.bytes()[0]));
        match &attempt {
            Attempt::TryAgain(error) if row.attempts < MOST_ATTEMPTS => {
                tx.message_put_off(*message, *next.get_or_insert_with(due), error).await?;
            }
            Attempt::TryAgain(error) | Attempt::Refused(error) => tx.message_failed(*message, op.now, error).await?,
        }
    }
    Ok(tx.commit().await?)
}
