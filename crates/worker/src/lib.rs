//! What happens later, by itself: approvals expire, permits are renewed, checkpoints are signed, leftovers are cleaned up.
//!
//! Nothing here decides: the gate looks at the end of an approval itself and never waits for this. A task that fails is logged
//! and tried again at its next turn.

use app::Server;
use futures_util::FutureExt;
use std::{future::Future, sync::Arc, time::Duration};
use tokio::time::{MissedTickBehavior, interval};

/// How often approvals past their end are looked for.
const EXPIRY: Duration = Duration::from_secs(1);
/// How often permits past half of their time are looked for.
const RENEWAL: Duration = Duration::from_secs(1);
/// How often the log is signed, if it has grown.
const CHECKPOINT: Duration = Duration::from_secs(2);
/// How often leftovers are cleaned up.
const CLEAN_UP: Duration = Duration::from_secs(3600);

/// Runs until `shutdown`, then signs the last checkpoint. Each task has its own turns: a long one makes no other late.
pub async fn run(server: Arc<Server>, shutdown: impl Future<Output = ()>) {
    let shutdown = shutdown.shared();
    tokio::join!(
        every(EXPIRY, shutdown.clone(), || expire(&server)),
        every(RENEWAL, shutdown.clone(), || renew(&server)),
        every(CHECKPOINT, shutdown.clone(), || sign(&server)),
        every(CLEAN_UP, shutdown.clone(), || tidy(&server)),
    );
    sign(&server).await;
}

/// Does something again and again until `shutdown`; what has begun by then is finished.
async fn every<Turn: Future>(period: Duration, shutdown: impl Future<Output = ()>, mut turn: impl FnMut() -> Turn) {
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    tokio::pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => return,
            _ = ticks.tick() => {}
        }
        turn().await;
    }
}

/// Expires everything that is due.
async fn expire(server: &Arc<Server>) {
    loop {
        match app::reviews::expire_due(server).await {
            Ok(0) => return,
            Ok(expired) => tracing::info!(expired, "approvals expired"),
            Err(error) => return warn("expiry", &error),
        }
    }
}

/// Renews every permit that is due.
async fn renew(server: &Arc<Server>) {
    match app::deployments::renew_due(server).await {
        Ok(0) => {}
        Ok(renewed) => tracing::info!(renewed, "permits renewed"),
        Err(error) => warn("renewal", &error),
    }
}

async fn sign(server: &Arc<Server>) {
    if let Err(error) = app::record::sign_checkpoint(server).await {
        warn("checkpoint", &error);
    }
}

async fn tidy(server: &Arc<Server>) {
    match app::upkeep::clean_up(server).await {
        Ok(removed) => tracing::debug!(files = removed, "cleaned up"),
        Err(error) => warn("clean-up", &error),
    }
}

fn warn(task: &str, error: &app::Error) {
    let cause = std::error::Error::source(error).map(ToString::to_string);
    tracing::warn!(task, code = error.code, cause, "{error}");
}
