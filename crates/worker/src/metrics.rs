//! The metrics of the jobs, for Prometheus. Each has the job's name as its label.

use crate::Outcome;
use ::metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use domain::Timestamp;
use std::time::Duration;

const RUNS: &str = "countersign_job_runs_total";
const DONE: &str = "countersign_job_done_total";
const DURATION: &str = "countersign_job_duration_seconds";
const RUNNING: &str = "countersign_job_running";
const STARTED: &str = "countersign_job_last_start_timestamp_seconds";
const SUCCEEDED: &str = "countersign_job_last_success_timestamp_seconds";
const FAILURES: &str = "countersign_job_failures_in_a_row";
const NEXT: &str = "countersign_job_next_run_timestamp_seconds";

/// Says what each metric means.
pub fn describe() {
    describe_counter!(RUNS, "Runs of a job that ended, by their result.");
    describe_counter!(DONE, "What the runs of a job did, by kind.");
    describe_histogram!(DURATION, "How long the runs of a job took.");
    describe_gauge!(RUNNING, "Whether a job runs now: 1 or 0.");
    describe_gauge!(STARTED, "When a job began its last run, in seconds since 1970.");
    describe_gauge!(SUCCEEDED, "When a run of a job succeeded last, in seconds since 1970.");
    describe_gauge!(FAILURES, "How many runs of a job have failed since one succeeded.");
    describe_gauge!(NEXT, "When a job begins its next run, in seconds since 1970.");
}

/// A run begins.
pub fn begin(job: &'static str, now: Timestamp) {
    gauge!(RUNNING, "job" => job).set(1.0);
    gauge!(STARTED, "job" => job).set(seconds(now));
}

/// A run has succeeded.
pub fn succeed(job: &'static str, now: Timestamp, took: Duration, outcome: &Outcome) {
    end(job, took, "success");
    gauge!(SUCCEEDED, "job" => job).set(seconds(now));
    gauge!(FAILURES, "job" => job).set(0.0);
    for (kind, count) in &outcome.counts {
        counter!(DONE, "job" => job, "kind" => *kind).increment(*count);
    }
}

/// A run has failed, the last of so many in a row.
pub fn fail(job: &'static str, took: Duration, failures: u32) {
    end(job, took, "failure");
    gauge!(FAILURES, "job" => job).set(f64::from(failures));
}

/// The next run begins then.
pub fn schedule(job: &'static str, at: Timestamp) {
    gauge!(NEXT, "job" => job).set(seconds(at));
}

fn end(job: &'static str, took: Duration, result: &'static str) {
    gauge!(RUNNING, "job" => job).set(0.0);
    counter!(RUNS, "job" => job, "result" => result).increment(1);
    histogram!(DURATION, "job" => job).record(took);
}

fn seconds(at: Timestamp) -> f64 {
    at.micros() as f64 / 1e6
}
