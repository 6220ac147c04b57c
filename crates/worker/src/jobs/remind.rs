//! Reminds people of answers that are due, and of approvals that end.

use crate::{Job, Outcome, Schedule};
use app::{Error, Server, reviews};
use futures_util::{FutureExt, future::BoxFuture};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// The job.
pub struct Remind;

impl Job for Remind {
    fn name(&self) -> &'static str {
        "remind"
    }

    fn schedule(&self) -> Schedule {
        Schedule::every(Duration::from_secs(60))
    }

    fn run<'a>(&'a self, server: &'a Arc<Server>) -> BoxFuture<'a, Result<Outcome, Error>> {
        async move {
            let (reminders, more_reminders) = reviews::remind(server).await?;
            let (ends, more_ends) = reviews::tell_of_ends(server).await?;
            let counts = BTreeMap::from([("reminders", reminders as u64), ("approvals_that_end", ends as u64)]);
            Ok(Outcome { counts, more: more_reminders || more_ends })
        }
        .boxed()
    }
}
