//! Sends messages as mails. A mail server that takes nothing makes the job fail, and the messages wait: no attempt is lost on it.

use crate::{Job, Outcome, Schedule, mail::Sender};
use app::{Error, Server, error::Kind, messages};
use futures_util::{FutureExt, future::BoxFuture};
use std::{sync::Arc, time::Duration};
use tokio::{sync::OnceCell, time::timeout};

/// How many messages a run takes at once: so few that all are sent, or not, before another worker may take them.
const AT_ONCE: u32 = 4;

/// How long the mail server may take for one message.
const PATIENCE: Duration = Duration::from_secs(25);

/// The job.
#[derive(Default)]
pub struct Deliver {
    sender: OnceCell<Sender>,
}

impl Job for Deliver {
    fn name(&self) -> &'static str {
        "deliver"
    }

    fn schedule(&self) -> Schedule {
        Schedule { time_limit: Duration::from_secs(300), ..Schedule::every(Duration::from_secs(1)) }
    }

    fn run<'a>(&'a self, server: &'a Arc<Server>) -> BoxFuture<'a, Result<Outcome, Error>> {
        async move {
            let Some(mail) = server.settings.mail.as_ref() else { return Ok(Outcome::default()) };
            messages::count(server).await?;
            if !messages::are_due(server).await? {
                return Ok(Outcome::default());
            }
            let sender = self.sender.get_or_try_init(async || Sender::new(mail)).await?;
            sender.check().await?;
            let taken = messages::take(server, AT_ONCE).await?;
            let more = taken.len() == AT_ONCE as usize;
            let mut sent = 0;
            // One after the other: a server that is killed has handed over at most one that it did not note.
            for message in taken {
                sent += usize::from(send(server, sender, message).await?);
            }
            Ok(Outcome { more, ..Outcome::count("messages_sent", sent) })
        }
        .boxed()
    }
}

/// Sends one message and notes what became of it; says whether the mail server took it.
async fn send(server: &Arc<Server>, sender: &Sender, message: domain::MessageId) -> Result<bool, Error> {
    let attempt = match messages::letter(server, message).await {
        Ok(Ok(letter)) => timeout(PATIENCE, sender.send(&letter, &server.settings.server_name))
            .await
            .unwrap_or_else(|_| Err(messages::Attempt::TryAgain("the mail server took too long".to_owned()))),
        Ok(Err(why)) => Err(messages::Attempt::Refused(why)),
        // What one message tells of cannot be read: the others go on.
        Err(error) if error.kind() == Kind::Internal => Err(messages::Attempt::TryAgain(error.to_string())),
        Err(error) => return Err(error),
    };
    match attempt {
        Ok(()) => messages::sent(server, message).await.map(|()| true),
        Err(attempt) => {
            tracing::warn!(%message, ?attempt, "a message was not sent");
            messages::not_sent(server, message, attempt).await.map(|()| false)
        }
    }
}
