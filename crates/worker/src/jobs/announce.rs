//! Makes messages of what happened.

use crate::{Job, Outcome, Schedule};
use app::{Error, Server, messages};
use futures_util::{FutureExt, future::BoxFuture};
use std::{sync::Arc, time::Duration};

/// The job.
pub struct Announce;

impl Job for Announce {
    fn name(&self) -> &'static str {
        "announce"
    }

    fn schedule(&self) -> Schedule {
        Schedule::every(Duration::from_secs(1))
    }

    fn run<'a>(&'a self, server: &'a Arc<Server>) -> BoxFuture<'a, Result<Outcome, Error>> {
        async move {
            let (made, more) = messages::announce(server).await?;
            Ok(Outcome { more, ..Outcome::count("messages_made", made) })
        }
        .boxed()
    }
}
