//! Reads what waits for somebody, at the start and after changes of people, so that nobody waits for it in front of a page.

use crate::{Job, Outcome, Schedule};
use app::{Error, Server, reviews::prepare_inboxes};
use futures_util::{FutureExt, future::BoxFuture};
use std::{sync::Arc, time::Duration};

/// The job.
pub struct Inboxes;

impl Job for Inboxes {
    fn name(&self) -> &'static str {
        "inboxes"
    }

    /// With ten thousand open reviews a run takes up to a second, if people or rules changed.
    fn schedule(&self) -> Schedule {
        Schedule::every(Duration::from_secs(10))
    }

    fn run<'a>(&'a self, server: &'a Arc<Server>) -> BoxFuture<'a, Result<Outcome, Error>> {
        async move {
            prepare_inboxes(server).await?;
            Ok(Outcome::default())
        }
        .boxed()
    }
}
