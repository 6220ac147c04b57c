//! Makes messages and deliveries of what happened.

use crate::{Job, Outcome, Schedule};
use app::{
    Error, Server,
    messages::{self, Announced},
};
use futures_util::{FutureExt, future::BoxFuture};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

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
            let Announced { messages, deliveries, more } = messages::announce(server).await?;
            let counts = BTreeMap::from([("messages_made", messages as u64), ("deliveries_made", deliveries as u64)]);
            Ok(Outcome { counts, more })
        }
        .boxed()
    }
}
