//! The states of the background jobs of this server. The worker writes them; health checks, metrics and administrators read them.

use super::error::Code;
use domain::Timestamp;
use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// A job that is this much later than it should be is stuck.
pub const STUCK_AFTER: Duration = Duration::from_secs(300);

/// The state of each job, by its name.
#[derive(Debug, Default)]
pub struct JobStates(Mutex<BTreeMap<&'static str, JobState>>);

/// What is known of one job.
#[derive(Clone, Debug)]
pub struct JobState {
    /// How often the job runs.
    pub every: Duration,
    /// How long one run may take.
    pub time_limit: Duration,
    /// Whether the job runs now.
    pub running: bool,
    /// How many runs have begun since the server started.
    pub runs: u64,
    /// When the last run began.
    pub started_at: Option<Timestamp>,
    /// When a run succeeded last.
    pub succeeded_at: Option<Timestamp>,
    /// How many runs have failed since one succeeded.
    pub failures_in_a_row: u32,
    /// The last run that failed.
    pub last_failure: Option<JobFailure>,
    /// The last run that found something to do.
    pub last_work: Option<JobWork>,
    /// When the next run begins; while the job runs, nothing.
    pub next_run_at: Option<Timestamp>,
    /// By when the present run ends or the next one begins, by a clock that nobody sets.
    due: Instant,
}

/// A run that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobFailure {
    /// When the run ended.
    pub at: Timestamp,
    /// The stable code of the error.
    pub code: String,
    /// What went wrong, as a sentence.
    pub message: String,
}

/// A run that found something to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobWork {
    /// When the run ended.
    pub at: Timestamp,
    /// How many things of each kind the run did.
    pub counts: BTreeMap<&'static str, u64>,
}

impl JobStates {
    /// Adds a job that runs this often, and may take this long. Its first run begins at once.
    pub fn add(&self, name: &'static str, every: Duration, time_limit: Duration) {
        let state = JobState {
            every,
            time_limit,
            running: false,
            runs: 0,
            started_at: None,
            succeeded_at: None,
            failures_in_a_row: 0,
            last_failure: None,
            last_work: None,
            next_run_at: None,
            due: Instant::now(),
        };
        self.lock().insert(name, state);
    }

    /// A run of this job begins.
    pub fn begin(&self, name: &'static str, now: Timestamp) {
        self.change(name, |state| {
            state.running = true;
            state.runs += 1;
            state.started_at = Some(now);
            state.next_run_at = None;
            state.due = Instant::now() + state.time_limit;
        });
    }

    /// The run has succeeded; `counts` says what it did, if anything. Gives how many runs before it had failed in a row.
    pub fn succeed(&self, name: &'static str, now: Timestamp, counts: BTreeMap<&'static str, u64>) -> u32 {
        let mut failures = 0;
        self.change(name, |state| {
            state.running = false;
            state.succeeded_at = Some(now);
            failures = std::mem::take(&mut state.failures_in_a_row);
            if !counts.is_empty() {
                state.last_work = Some(JobWork { at: now, counts });
            }
        });
        failures
    }

    /// The run has failed. Gives how many runs have failed in a row.
    pub fn fail(&self, name: &'static str, failure: JobFailure) -> u32 {
        let mut failures = 0;
        self.change(name, |state| {
            state.running = false;
            state.failures_in_a_row = state.failures_in_a_row.saturating_add(1);
            failures = state.failures_in_a_row;
            state.last_failure = Some(failure);
        });
        failures
    }

    /// The next run begins at this moment, which is so long from now.
    pub fn schedule(&self, name: &'static str, at: Timestamp, wait: Duration) {
        self.change(name, |state| {
            state.next_run_at = Some(at);
            state.due = Instant::now() + wait;
        });
    }

    /// All states, in the order of the names.
    pub fn all(&self) -> Vec<(&'static str, JobState)> {
        self.lock().iter().map(|(name, state)| (*name, state.clone())).collect()
    }

    fn change(&self, name: &'static str, change: impl FnOnce(&mut JobState)) {
        if let Some(state) = self.lock().get_mut(name) {
            change(state);
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<&'static str, JobState>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl JobState {
    /// Whether the last run failed by this.
    pub fn fails_by(&self, code: Code) -> bool {
        self.failures_in_a_row > 0 && self.last_failure.as_ref().is_some_and(|failure| failure.code == code.as_str())
    }

    /// Whether the job neither ends its run nor begins the next one, for more than five minutes.
    pub fn is_stuck(&self) -> bool {
        self.due.elapsed() > STUCK_AFTER
    }
}
