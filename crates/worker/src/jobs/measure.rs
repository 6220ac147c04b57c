//! Takes the figures that an operator watches.

use crate::{Job, Outcome, Schedule};
use app::{Error, Server, upkeep};
use futures_util::{FutureExt, future::BoxFuture};
use std::{sync::Arc, time::Duration};

/// The job.
pub struct Measure;

impl Job for Measure {
    fn name(&self) -> &'static str {
        "measure"
    }

    fn schedule(&self) -> Schedule {
        Schedule::every(Duration::from_secs(30))
    }

    fn run<'a>(&'a self, server: &'a Arc<Server>) -> BoxFuture<'a, Result<Outcome, Error>> {
        async move {
            upkeep::measure(server).await?;
            Ok(Outcome::default())
        }
        .boxed()
    }
}
