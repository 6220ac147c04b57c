//! Calls webhooks. A webhook that is slow delays no other: while its calls are open, the job takes deliveries of the others. Each call is a
//! task of its own: a call that nobody drives on would keep its connection to the database while the job waits for one.

use crate::{
    Job, Outcome, Schedule,
    webhook::{Caller, body},
};
use app::{
    Error, Server,
    error::Kind,
    webhooks::{self, Answer},
};
use domain::DeliveryId;
use futures_util::{FutureExt, future::BoxFuture};
use std::{panic::resume_unwind, sync::Arc, time::Duration};
use tokio::{
    sync::OnceCell,
    task::JoinSet,
    time::{Instant, timeout},
};

/// How many calls are open at once.
const AT_ONCE: usize = 32;

/// After how long a run takes no more deliveries, so that it ends.
const LONGEST_RUN: Duration = Duration::from_secs(120);

/// The job.
#[derive(Default)]
pub struct CallWebhooks {
    caller: OnceCell<Arc<Caller>>,
}

impl Job for CallWebhooks {
    fn name(&self) -> &'static str {
        "call_webhooks"
    }

    fn schedule(&self) -> Schedule {
        Schedule { time_limit: Duration::from_secs(300), ..Schedule::every(Duration::from_secs(1)) }
    }

    fn run<'a>(&'a self, server: &'a Arc<Server>) -> BoxFuture<'a, Result<Outcome, Error>> {
        async move {
            webhooks::count(server).await?;
            let caller =
                self.caller.get_or_try_init(async || Caller::new(server.settings.networks.clone()).map(Arc::new)).await?;
            let (mut calls, mut busy, mut taken) = (JoinSet::new(), Vec::new(), 0);
            let (begun, mut failed) = (Instant::now(), None);
            loop {
                if failed.is_none() && begun.elapsed() < LONGEST_RUN {
                    match webhooks::take(server, &busy, AT_ONCE - calls.len()).await {
                        Ok(taken) => {
                            for (webhook, delivery) in taken {
                                busy.push(webhook);
                                let (server, caller) = (Arc::clone(server), Arc::clone(caller));
                                calls.spawn(async move { (webhook, call(&server, &caller, delivery).await) });
                            }
                        }
                        // The calls that are open end first.
                        Err(error) => failed = Some(error),
                    }
                }
                // The next call to end makes room; and every second there may be something new.
                match timeout(Duration::from_secs(1), calls.join_next()).await {
                    Ok(None) => return failed.map_or_else(|| Ok(Outcome::count("deliveries_taken", taken)), Err),
                    Ok(Some(Err(broken))) => match broken.try_into_panic() {
                        Ok(panic) => resume_unwind(panic),
                        Err(_) => continue,
                    },
                    Ok(Some(Ok((webhook, result)))) => {
                        busy.swap_remove(busy.iter().position(|one| *one == webhook).unwrap_or_default());
                        match result {
                            Ok(done) => taken += usize::from(done),
                            Err(error) => failed = Some(error),
                        }
                    }
                    Err(_) => {}
                }
            }
        }
        .boxed()
    }
}

/// Makes one call and notes how it ended; says whether the webhook took it.
async fn call(server: &Arc<Server>, caller: &Caller, id: DeliveryId) -> Result<bool, Error> {
    let call = match webhooks::call(server, id).await {
        Ok(Ok(call)) => call,
        Ok(Err(why)) => return webhooks::unsendable(server, id, &why).await.map(|()| false),
        // What one delivery tells of cannot be read: the others go on.
        Err(error) if error.kind() == Kind::Internal => {
            tracing::error!(%id, %error, cause = ?error.source, "a delivery cannot be read");
            return webhooks::unreadable(server, id, &error.to_string()).await.map(|()| false);
        }
        Err(error) => return Err(error),
    };
    let request = match &call.request {
        Some(request) => request.clone(),
        None => {
            let request = body(&call, server.settings.links.server());
            webhooks::keep_request(server, id, &request).await?;
            request
        }
    };
    let (answer, seen) = caller.call(&call, &request).await;
    let taken = answer == Answer::Taken;
    if !taken {
        tracing::warn!(%id, ?answer, "a webhook did not take a delivery");
    }
    webhooks::answered(server, &call, answer, seen).await.map(|()| taken)
}
