//! Removes unfinished uploads, stored files that no version names, old idempotency keys and lost nodes.

use crate::{Job, Outcome, Schedule};
use app::{Error, Server, upkeep};
use futures_util::{FutureExt, future::BoxFuture};
use std::{sync::Arc, time::Duration};

/// The job.
pub struct CleanUp;

impl Job for CleanUp {
    fn name(&self) -> &'static str {
        "clean_up"
    }

    /// One run looks through all stored files, which takes long where there are many.
    fn schedule(&self) -> Schedule {
        let hour = Duration::from_secs(3600);
        Schedule { time_limit: hour, ..Schedule::every(hour) }
    }

    fn run<'a>(&'a self, server: &'a Arc<Server>) -> BoxFuture<'a, Result<Outcome, Error>> {
        async move { Ok(Outcome::count("files_removed", upkeep::clean_up(server).await?)) }.boxed()
    }
}
