//! Sends messages as mails. A mail server that takes nothing makes the job fail, and the messages wait: no attempt is lost on it.

use crate::{Job, Outcome, Schedule, mail::Sender};
use app::{
    Error, Mail, Server,
    error::Kind,
    messages::{self, Attempt, Letters},
};
use domain::MessageId;
use futures_util::{FutureExt, future::BoxFuture};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::Mutex,
    time::{Instant, timeout},
};

/// How long a run goes on. Many mails tell of one event, and what was read for one serves for the next.
const STRETCH: Duration = Duration::from_secs(5);

/// How many mails are taken at once: so few that all are sent, or not, before another worker may take them.
const AT_ONCE: u32 = 4;

/// How long the mail server may take for one mail.
const PATIENCE: Duration = Duration::from_secs(25);

/// The job.
#[derive(Default)]
pub struct Deliver {
    /// Kept from run to run with its connections, until somebody chooses another mail server.
    sender: Mutex<Option<(Mail, Arc<Sender>)>>,
}

impl Deliver {
    async fn sender(&self, server: &Server, mail: Mail) -> Result<Arc<Sender>, Error> {
        let mut known = self.sender.lock().await;
        if let Some((_, sender)) = known.as_ref().filter(|(known, _)| *known == mail) {
            return Ok(sender.clone());
        }
        let sender = Arc::new(Sender::new(&mail, server.settings.mail_templates.as_deref())?);
        *known = Some((mail, sender.clone()));
        Ok(sender)
    }
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
            if !server.sends_mail().await? {
                return Ok(Outcome::default());
            }
            messages::count(server).await?;
            if !messages::are_due(server).await? {
                return Ok(Outcome::default());
            }
            let Some(mail) = server.mail().await? else { return Ok(Outcome::default()) };
            let sender = self.sender(server, mail).await?;
            sender.check().await?;
            let (mut letters, mut sent) = (Letters::new(server), 0);
            let end = Instant::now() + STRETCH;
            let mut more = true;
            while more && Instant::now() < end {
                let taken = messages::take(server, AT_ONCE).await?;
                more = !taken.is_empty();
                // One after the other: a server that is killed has handed over at most one that it did not note.
                for mail in taken {
                    sent += send(server, &sender, &mut letters, mail).await?;
                }
            }
            Ok(Outcome { more, ..Outcome::count("messages_sent", sent) })
        }
        .boxed()
    }
}

/// Sends the messages of one mail and notes what became of each; gives how many the mail server took.
async fn send(server: &Arc<Server>, sender: &Sender, read: &mut Letters, mail: Vec<MessageId>) -> Result<usize, Error> {
    let (mut letters, mut told) = (Vec::new(), Vec::new());
    for message in mail {
        match read.read(message).await {
            Ok(Ok(letter)) => {
                letters.push(letter);
                told.push(message);
            }
            Ok(Err(why)) => not_sent(server, &[message], Attempt::Refused(why)).await?,
            // What one message tells of cannot be read: the others go on.
            Err(error) if error.kind() == Kind::Internal => {
                not_sent(server, &[message], Attempt::TryAgain(error.to_string())).await?;
            }
            Err(error) => return Err(error),
        }
    }
    if letters.is_empty() {
        return Ok(0);
    }
    let late = |_| Err(Attempt::TryAgain("the mail server took too long".to_owned()));
    let attempt = timeout(PATIENCE, sender.send(&letters, &server.settings.server_name, server.now())).await.unwrap_or_else(late);
    let sent = if attempt.is_ok() { told.len() } else { 0 };
    match attempt {
        Ok(()) => messages::sent(server, &told).await?,
        Err(attempt) => not_sent(server, &told, attempt).await?,
    }
    Ok(sent)
}

async fn not_sent(server: &Arc<Server>, mail: &[MessageId], attempt: Attempt) -> Result<(), Error> {
    tracing::warn!(?mail, ?attempt, "a mail was not sent");
    messages::not_sent(server, mail, attempt).await
}
