//! Counts the nodes that refuse the log, for the metric.

use crate::{Job, Outcome, Schedule};
use app::{Error, Server, serving};
use futures_util::{FutureExt, future::BoxFuture};
use std::{sync::Arc, time::Duration};

/// The job.
pub struct Witnesses;

impl Job for Witnesses {
    fn name(&self) -> &'static str {
        "witnesses"
    }

    fn schedule(&self) -> Schedule {
        Schedule::every(Duration::from_secs(5))
    }

    fn run<'a>(&'a self, server: &'a Arc<Server>) -> BoxFuture<'a, Result<Outcome, Error>> {
        async move {
            serving::log::count_refusals(server).await?;
            Ok(Outcome::default())
        }
        .boxed()
    }
}
