//! What a job is: a name, a schedule, and what one run does.

use app::{Error, Server};
use futures_util::future::BoxFuture;
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// Something that the server does by itself, again and again.
///
/// Several servers on one database run the same jobs at the same time, and a run may be cut off anywhere: a run must do no harm when
/// another server has done its work already, or when the run before got half-way.
pub trait Job: Send + Sync + 'static {
    /// The name in the log, in the metrics and in the list of jobs.
    fn name(&self) -> &'static str;

    /// When the job runs.
    fn schedule(&self) -> Schedule;

    /// Runs once. Clock, randomness, database and files come from the server.
    fn run<'a>(&'a self, server: &'a Arc<Server>) -> BoxFuture<'a, Result<Outcome, Error>>;
}

/// When a job runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// From the beginning of one run to the beginning of the next.
    pub every: Duration,
    /// How long one run may take. A longer run is stopped and has failed.
    pub time_limit: Duration,
    /// Whether the job runs once more when the server stops, after all other jobs have ended.
    pub once_more_at_end: bool,
}

impl Schedule {
    /// This often, with one minute for each run.
    pub const fn every(every: Duration) -> Self {
        Self { every, time_limit: Duration::from_secs(60), once_more_at_end: false }
    }
}

/// What a run that succeeded did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// How many things of each kind.
    pub counts: BTreeMap<&'static str, u64>,
    /// Whether more is left to do: the next run begins at once.
    pub more: bool,
}

impl Outcome {
    /// So many things of one kind.
    pub fn count(kind: &'static str, count: usize) -> Self {
        Self { counts: BTreeMap::from([(kind, count as u64)]), more: false }
    }
}
