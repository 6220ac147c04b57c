//! Renews permits after half of their time, while the gate lets the version through.

use crate::{Job, Outcome, Schedule};
use app::{Error, Server, deployments::renew_due};
use futures_util::{FutureExt, future::BoxFuture};
use std::{sync::Arc, time::Duration};

/// The job.
pub struct Renew;

impl Job for Renew {
    fn name(&self) -> &'static str {
        "renew"
    }

    /// One run renews every permit that is due, and each is a commit of its own.
    fn schedule(&self) -> Schedule {
        Schedule { time_limit: Duration::from_secs(600), ..Schedule::every(Duration::from_secs(1)) }
    }

    fn run<'a>(&'a self, server: &'a Arc<Server>) -> BoxFuture<'a, Result<Outcome, Error>> {
        async move { Ok(Outcome::count("permits_renewed", renew_due(server).await?)) }.boxed()
    }
}
