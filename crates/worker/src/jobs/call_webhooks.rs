//! Calls webhooks. A webhook that hangs delays the others by no more than the time that a call may take, and then rests.

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
use futures_util::{FutureExt, StreamExt, future::BoxFuture, stream};
use std::{sync::Arc, time::Duration};
use tokio::sync::OnceCell;

/// How many calls are open at once.
const AT_ONCE: usize = 32;

/// The job.
#[derive(Default)]
pub struct CallWebhooks {
    caller: OnceCell<Caller>,
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
            let taken = webhooks::take(server).await?;
            if taken.is_empty() {
                return Ok(Outcome::default());
            }
            let caller = self.caller.get_or_try_init(async || Caller::new(server.settings.networks.clone())).await?;
            let calls = taken.into_iter().map(|delivery| call(server, caller, delivery).boxed());
            let results: Vec<_> = stream::iter(calls).buffer_unordered(AT_ONCE).collect().await;
            let mut taken = 0;
            for result in results {
                taken += usize::from(result?);
            }
            Ok(Outcome { more: taken > 0, ..Outcome::count("deliveries_taken", taken) })
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
            return webhooks::unsendable(server, id, &error.to_string()).await.map(|()| false);
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
    webhooks::answered(server, id, call.webhook, answer, seen).await.map(|()| taken)
}
