//! Hands tasks of people who are away to those who stand in for them.

use crate::{Job, Outcome, Schedule};
use app::{Error, Server, reviews};
use futures_util::{FutureExt, future::BoxFuture};
use std::{sync::Arc, time::Duration};

/// The job.
pub struct StandIn;

impl Job for StandIn {
    fn name(&self) -> &'static str {
        "stand_in"
    }

    fn schedule(&self) -> Schedule {
        Schedule::every(Duration::from_secs(5))
    }

    fn run<'a>(&'a self, server: &'a Arc<Server>) -> BoxFuture<'a, Result<Outcome, Error>> {
        async move {
            let (handed, more) = reviews::hand_to_stand_ins(server).await?;
            Ok(Outcome { more, ..Outcome::count("tasks_handed_on", handed) })
        }
        .boxed()
    }
}
