//! What became of an attempt to send a message.

use crate::{Caller, Error, OpContext, Server};
use domain::{Duration, MessageId};
use std::sync::Arc;

/// After how many failed attempts a message is given up: with their waits about a day. Not by its age: while the mail server was gone there
/// was no attempt.
const MOST_ATTEMPTS: u32 = 14;

/// The wait after the first failed attempt; each next one is twice as long.
const FIRST_WAIT: Duration = Duration::from_seconds(60);

/// The longest wait between two attempts.
const LONGEST_WAIT: Duration = Duration::from_seconds(4 * 60 * 60);

/// How an attempt failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// Trying again may help.
    TryAgain(String),
    /// Trying again does not help: the mail server refuses the recipient or the message.
    Refused(String),
}

/// Notes that the mail server took a message.
///
/// # Errors
/// When the database does not answer. The message is sent once more, with the same id, when its worker's time is over.
pub async fn sent(server: &Arc<Server>, message: MessageId) -> Result<(), Error> {
    let op = OpContext::new(Arc::clone(server), Caller::Clock, "deliver");
    let (op, mut tx) = op.write_outside().await?;
    tx.message_sent(message, op.now).await?;
    Ok(tx.commit().await?)
}

/// Notes a failed attempt: the message waits for the next one, or is given up.
///
/// # Errors
/// As [`sent`].
pub async fn not_sent(server: &Arc<Server>, message: MessageId, attempt: Attempt) -> Result<(), Error> {
    let op = OpContext::new(Arc::clone(server), Caller::Clock, "deliver");
    let (op, mut tx) = op.write_outside().await?;
    let Some(row) = tx.message(message).await? else { return Ok(()) };
    let next = op.now.plus(wait(row.attempts, op.entropy.bytes()[0]));
    match attempt {
        Attempt::TryAgain(error) if row.attempts < MOST_ATTEMPTS => {
            tx.message_put_off(message, next, &error).await?;
        }
        Attempt::TryAgain(error) | Attempt::Refused(error) => tx.message_failed(message, op.now, &error).await?,
    }
    Ok(tx.commit().await?)
}

/// The wait after so many attempts. A random part of up to one half is taken off, so that messages that failed together do not come back
/// together.
fn wait(attempts: u32, random: u8) -> Duration {
    let doublings = attempts.saturating_sub(1).min(16);
    let longest = (FIRST_WAIT.micros() << doublings).min(LONGEST_WAIT.micros());
    Duration::from_micros(longest - longest / 2 * i64::from(random) / 255)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_limit_and_differ_by_chance() {
        let minutes = |random| [1, 2, 3, 9, 99, u32::MAX].map(|attempts| wait(attempts, random).micros() / 1_000_000);
        assert_eq!(minutes(0), [60, 120, 240, 14_400, 14_400, 14_400]);
        assert_eq!(minutes(u8::MAX), [30, 60, 120, 7_200, 7_200, 7_200]);
    }
}
