//! Expires approvals past their end. The gate looks at the end of an approval itself and does not wait for this job.

use crate::{Job, Outcome, Schedule};
use app::{Error, Server, reviews::expire_due};
use futures_util::{FutureExt, future::BoxFuture};
use std::{sync::Arc, time::Duration};

/// The job.
pub struct Expire;

impl Job for Expire {
    fn name(&self) -> &'static str {
        "expire"
    }

    fn schedule(&self) -> Schedule {
        Schedule::every(Duration::from_secs(1))
    }

    fn run<'a>(&'a self, server: &'a Arc<Server>) -> BoxFuture<'a, Result<Outcome, Error>> {
        async move {
            let expired = expire_due(server).await?;
            Ok(Outcome { more: expired > 0, ..Outcome::count("approvals_expired", expired) })
        }
        .boxed()
    }
}
