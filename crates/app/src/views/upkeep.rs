//! The background jobs of a server, as administrators and auditors see them.

use super::schema;
use domain::{Duration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A background job of the server that answers. Each server runs its own jobs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Job {
    /// Its name.
    pub name: String,
    /// How the job is.
    pub state: JobStatus,
    /// How often the job runs, like `1s` or `1h`.
    #[schema(value_type = schema::Duration)]
    pub every: Duration,
    /// How long one run may take; a longer run is stopped and has failed.
    #[schema(value_type = schema::Duration)]
    pub time_limit: Duration,
    /// How many runs have begun since the server started.
    pub runs: u64,
    /// How many runs have failed since one succeeded.
    pub failures_in_a_row: u32,
    /// When the last run began.
    #[schema(value_type = Option<schema::Timestamp>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub started_at: Option<Timestamp>,
    /// When a run succeeded last.
    #[schema(value_type = Option<schema::Timestamp>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub succeeded_at: Option<Timestamp>,
    /// When the next run begins; absent while the job runs.
    #[schema(value_type = Option<schema::Timestamp>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub next_run_at: Option<Timestamp>,
    /// The last run that failed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub last_failure: Option<JobFailure>,
    /// The last run that found something to do.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub last_work: Option<JobWork>,
}

/// How a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobStatus {
    /// The job waits for its next run, and the last run succeeded.
    Waiting,
    /// The job runs.
    Running,
    /// The last run failed. The job tries again.
    Failing,
    /// For more than five minutes the job has neither ended a run nor begun the next one.
    Stuck,
}

/// A run that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JobFailure {
    /// When the run ended.
    #[schema(value_type = schema::Timestamp)]
    pub at: Timestamp,
    /// The stable code of the error.
    pub code: String,
    /// What went wrong, as a sentence.
    pub message: String,
}

/// A run that found something to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JobWork {
    /// When the run ended.
    #[schema(value_type = schema::Timestamp)]
    pub at: Timestamp,
    /// How many things of each kind the run did.
    pub counts: BTreeMap<String, u64>,
}
