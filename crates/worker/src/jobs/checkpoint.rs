//! Signs the log when it has grown, and once more when the server stops.

use crate::{Job, Outcome, Schedule};
use app::{Error, Server, record::sign_checkpoint};
use futures_util::{FutureExt, future::BoxFuture};
use std::{sync::Arc, time::Duration};

/// The job.
pub struct Checkpoint;

impl Job for Checkpoint {
    fn name(&self) -> &'static str {
        "checkpoint"
    }

    fn schedule(&self) -> Schedule {
        Schedule { once_more_at_end: true, ..Schedule::every(Duration::from_secs(2)) }
    }

    fn run<'a>(&'a self, server: &'a Arc<Server>) -> BoxFuture<'a, Result<Outcome, Error>> {
        async move {
            sign_checkpoint(server).await?;
            Ok(Outcome::default())
        }
        .boxed()
    }
}
