//! Runs jobs, each by its own schedule, so that a long job makes no other job late. The job's state shows a run that failed,
//! panicked or took too long. The job goes on after a wait.

use crate::{Job, Outcome, metrics, retry};
use app::{JobFailure, Server};
use futures_util::{FutureExt, future::join_all};
use std::{collections::BTreeMap, error::Error as _, panic::AssertUnwindSafe, sync::Arc, time::Duration};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, sleep, timeout},
};

/// How long an open run may go on when the server stops.
pub const SHUTDOWN_TIME: Duration = Duration::from_secs(30);

/// How long a job rests whose schedule panicked.
const PAUSE_AFTER_PANIC: Duration = Duration::from_secs(1);

/// Runs the jobs until `shutdown`. Then open runs end, for [`SHUTDOWN_TIME`] at most, and the jobs that ask for it run once more.
pub async fn run(server: &Arc<Server>, jobs: Vec<Box<dyn Job>>, shutdown: impl Future<Output = ()>) {
    metrics::describe();
    let drivers: Vec<_> = jobs.into_iter().map(|job| Driver::new(server, job)).collect();
    let (stop, stopping) = watch::channel(());
    let running = join_all(drivers.iter().map(|driver| driver.keep_running(stopping.clone())));
    let stop = async {
        shutdown.await;
        drop(stop);
    };
    tokio::join!(running, stop);
    for driver in drivers.iter().filter(|driver| driver.job.schedule().once_more_at_end) {
        driver.run_once(SHUTDOWN_TIME).await;
    }
}

/// Runs one job.
struct Driver {
    server: Arc<Server>,
    job: Arc<dyn Job>,
}

impl Driver {
    fn new(server: &Arc<Server>, job: Box<dyn Job>) -> Self {
        let schedule = job.schedule();
        server.jobs.add(job.name(), schedule.every, schedule.time_limit);
        Self { server: Arc::clone(server), job: job.into() }
    }

    /// Runs the job until the sender of `stopping` is dropped. A panic outside of the job's own task begins anew: one job must not end
    /// the others, nor itself for good.
    async fn keep_running(&self, stopping: watch::Receiver<()>) {
        while AssertUnwindSafe(self.run(stopping.clone())).catch_unwind().await.is_err() {
            tracing::error!(
                job = self.job.name(),
                "the schedule of the job broke off by a mistake of the server; it begins anew"
            );
            sleep(PAUSE_AFTER_PANIC).await;
        }
    }

    /// Runs the job until the sender of `stopping` is dropped, and lets an open run end.
    async fn run(&self, mut stopping: watch::Receiver<()>) {
        let time_limit = self.job.schedule().time_limit;
        let mut wait = Duration::ZERO;
        loop {
            tokio::select! {
                biased;
                _ = stopping.changed() => return,
                () = sleep(wait) => {}
            }
            let mut run = std::pin::pin!(self.run_once(time_limit));
            wait = tokio::select! {
                wait = &mut run => wait,
                _ = stopping.changed() => {
                    if timeout(SHUTDOWN_TIME, run).await.is_err() {
                        tracing::warn!(job = self.job.name(), "the server stops before this run has ended");
                    }
                    return;
                }
            };
        }
    }

    /// Runs the job once; gives how long to wait before the next run.
    async fn run_once(&self, time_limit: Duration) -> Duration {
        let (job, states, clock) = (self.job.name(), &self.server.jobs, &self.server.clock);
        let (start, now) = (Instant::now(), clock.now());
        states.begin(job, now);
        metrics::begin(job, now);
        let result = self.attempt(time_limit).await;
        let (took, now) = (start.elapsed(), clock.now());
        let wait = match result {
            Ok(outcome) => {
                metrics::succeed(job, now, took, &outcome);
                let counts: BTreeMap<_, _> = outcome.counts.into_iter().filter(|(_, count)| *count > 0).collect();
                if !counts.is_empty() {
                    tracing::info!(job, ?counts, "a job has done something");
                }
                if states.succeed(job, now, counts) > 0 {
                    tracing::info!(job, "the job succeeds again");
                }
                if outcome.more { Duration::ZERO } else { self.job.schedule().every.saturating_sub(took) }
            }
            Err(failure) => {
                let failures =
                    states.fail(job, JobFailure { at: now, code: failure.code().to_owned(), message: failure.message() });
                metrics::fail(job, took, failures);
                let wait = retry::wait(failures, self.server.entropy.as_ref());
                tracing::warn!(job, code = failure.code(), cause = failure.cause(), failures, ?wait, "{}", failure.message());
                wait
            }
        };
        let next = now.plus(domain::Duration::from_micros(i64::try_from(wait.as_micros()).unwrap_or(i64::MAX)));
        states.schedule(job, next, wait);
        metrics::schedule(job, next);
        wait
    }

    /// Runs the job in a task of its own, and waits for the end of this task whatever happens: no two runs are open at once.
    async fn attempt(&self, time_limit: Duration) -> Result<Outcome, Failure> {
        let (server, job) = (Arc::clone(&self.server), Arc::clone(&self.job));
        // A set ends its task when it is dropped.
        let mut task = JoinSet::new();
        task.spawn(async move { job.run(&server).await });
        let ended = match timeout(time_limit, task.join_next()).await {
            Ok(ended) => ended,
            Err(_) => {
                task.shutdown().await;
                return Err(Failure::TimeLimit(time_limit));
            }
        };
        match ended {
            Some(Ok(result)) => result.map_err(Failure::Error),
            Some(Err(_)) | None => Err(Failure::Panic),
        }
    }
}

/// Why a run failed.
enum Failure {
    /// The job said so.
    Error(app::Error),
    /// The job panicked; the panic is in the log.
    Panic,
    /// The run took longer than this.
    TimeLimit(Duration),
}

impl Failure {
    fn code(&self) -> &str {
        match self {
            Self::Error(error) => error.code.as_str(),
            Self::Panic => "panic",
            Self::TimeLimit(_) => "time_limit",
        }
    }

    fn message(&self) -> String {
        match self {
            Self::Error(error) => error.to_string(),
            Self::Panic => "the run broke off by a mistake of the server; the server's log has the panic".to_owned(),
            Self::TimeLimit(limit) => format!("the run did not end within {limit:?} and was stopped"),
        }
    }

    fn cause(&self) -> Option<String> {
        match self {
            Self::Error(error) => error.source().map(ToString::to_string),
            Self::Panic | Self::TimeLimit(_) => None,
        }
    }
}
