//! The figures that an operator watches: what waits, what ends, what is out of policy, and whether the log is signed.

use crate::{
    Caller, Error, OpContext, Server,
    base::{fork_state, signed_checkpoint},
    deployments, messages, reviews, serving, webhooks,
};
use domain::{Duration, Timestamp, due::EARLY_DAYS};
use metrics::{Unit, describe_gauge, gauge};
use std::sync::Arc;
use store::About;

const OPEN: &str = "countersign_open_reviews";
const ENDING: &str = "countersign_approvals_ending";
const OUT_OF_POLICY: &str = "countersign_deployments_out_of_policy";
const CHECKPOINT_AGE: &str = "countersign_checkpoint_age_seconds";
const EVENTS: &str = "countersign_log_events";
const DATABASE: &str = "countersign_database_up";

const FILES: &str = "countersign_files_up";

/// How long the storage of model files may take to answer.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);

/// The ages by which open reviews are counted: up to so many days.
const AGES: [(&str, i64); 4] = [("1d", 1), ("7d", 7), ("30d", 30), ("more", i64::MAX / Duration::from_days(1).micros())];

/// How many approvals that end are counted.
const MOST: u32 = 100_000;

/// Says what each metric of the use cases means.
pub fn describe_metrics() {
    describe_gauge!(OPEN, "Open rounds of reviews, by how long they have waited: up to 1d, up to 7d, up to 30d, more.");
    describe_gauge!(ENDING, "Approvals that end within fourteen days.");
    describe_gauge!(OUT_OF_POLICY, "Deployments out of policy that nobody has acknowledged.");
    describe_gauge!(
        CHECKPOINT_AGE,
        Unit::Seconds,
        "How long the oldest event has waited that no signed checkpoint covers; 0 where there is none."
    );
    describe_gauge!(EVENTS, "Events in the log.");
    describe_gauge!(DATABASE, "Whether the database answered when these figures were taken: 1 or 0.");
    describe_gauge!(FILES, "Whether the storage of model files answered when these figures were taken: 1 or 0.");
    fork_state::describe_metrics();
    messages::describe_metrics();
    webhooks::describe_metrics();
    serving::log::describe_metrics();
}

/// Takes the figures.
///
/// # Errors
/// When the database does not answer.
pub async fn measure(server: &Arc<Server>) -> Result<(), Error> {
    let stored = tokio::time::timeout(PATIENCE, server.files.check()).await;
    let problem = match stored {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(error.to_string()),
        Err(_) => Some("it does not answer".to_owned()),
    };
    gauge!(FILES).set(if problem.is_none() { 1.0 } else { 0.0 });
    if let Some(problem) = &problem {
        tracing::error!(%problem, "the storage of model files cannot be used");
    }
    server.storage.note(problem.is_none());
    let measured = take(server).await;
    gauge!(DATABASE).set(if measured.is_ok() { 1.0 } else { 0.0 });
    measured
}

async fn take(server: &Arc<Server>) -> Result<(), Error> {
    let op = OpContext::new(Arc::clone(server), Caller::Clock, "measure");
    let rounds = reviews::waiting_since(&op).await?;
    let mut counts = [0_u64; AGES.len()];
    for since in rounds {
        let age = op.now.micros() - since.micros();
        if let Some(place) = AGES.iter().position(|(_, days)| age <= days * Duration::from_days(1).micros()) {
            counts[place] += 1;
        }
    }
    for ((age, _), count) in AGES.iter().zip(counts) {
        set(gauge!(OPEN, "age" => *age), count);
    }
    set(gauge!(OUT_OF_POLICY), deployments::out_of_policy::count_all(&op).await?);
    let mut reader = op.read().await?;
    let ending = reader.due(op.now.plus(Duration::from_days(EARLY_DAYS)), MOST).await?;
    set(gauge!(ENDING), ending.len() as u64);
    let size = reader.log_size().await?;
    set(gauge!(EVENTS), size);
    // A forked log is told by a metric of its own.
    if let Ok(state) = signed_checkpoint::continued(server, &mut reader).await {
        let signed = state.last.map_or(0, |(_, checkpoint)| checkpoint.size);
        let first = match size > signed {
            true => reader.events(About::default(), signed, Timestamp::from_micros(i64::MIN), 1).await?.pop(),
            false => None,
        };
        let age = first.map_or(0, |event| (op.now.micros() - event.at.micros()).max(0));
        gauge!(CHECKPOINT_AGE).set(std::time::Duration::from_micros(age.unsigned_abs()).as_secs_f64());
    }
    Ok(())
}

fn set(gauge: metrics::Gauge, count: u64) {
    gauge.set(f64::from(u32::try_from(count).unwrap_or(u32::MAX)));
}
