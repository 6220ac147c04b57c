//! Opens renewals of approvals that end soon, where the project's rules say so.

use crate::{Job, Outcome, Schedule};
use app::{Error, Server, reviews};
use futures_util::{FutureExt, future::BoxFuture};
use std::{sync::Arc, time::Duration};

/// The job.
pub struct Recur;

impl Job for Recur {
    fn name(&self) -> &'static str {
        "recur"
    }

    fn schedule(&self) -> Schedule {
        Schedule::every(Duration::from_secs(60))
    }

    fn run<'a>(&'a self, server: &'a Arc<Server>) -> BoxFuture<'a, Result<Outcome, Error>> {
        async move {
            let (opened, more) = reviews::open_renewals(server).await?;
            Ok(Outcome { more, ..Outcome::count("renewals_opened", opened) })
        }
        .boxed()
    }
}
