//! The states of the background jobs, for administrators and auditors.

use crate::{
    Error, OpContext,
    base::jobs::JobState,
    views::{self, Job, JobStatus, List},
};
use domain::{
    Duration,
    access::{Action, Scope},
};

/// Every background job of this server.
///
/// # Errors
/// Neither an auditor nor an administrator.
pub fn list_jobs(op: &OpContext) -> Result<List<Job>, Error> {
    op.needs(Scope::Read)?;
    op.allow(Action::ReadAudit)?;
    Ok(List::whole(op.jobs.all().into_iter().map(|(name, state)| job(name, state)).collect()))
}

fn job(name: &str, state: JobState) -> Job {
    let status = match &state {
        state if state.is_stuck() => JobStatus::Stuck,
        state if state.failures_in_a_row > 0 => JobStatus::Failing,
        state if state.running => JobStatus::Running,
        _ => JobStatus::Waiting,
    };
    Job {
        name: name.to_owned(),
        state: status,
        every: duration(state.every),
        time_limit: duration(state.time_limit),
        runs: state.runs,
        failures_in_a_row: state.failures_in_a_row,
        started_at: state.started_at,
        succeeded_at: state.succeeded_at,
        next_run_at: state.next_run_at,
        last_failure: state.last_failure.map(|failure| views::JobFailure {
            at: failure.at,
            code: failure.code,
            message: failure.message,
        }),
        last_work: state.last_work.map(|work| views::JobWork {
            at: work.at,
            counts: work.counts.into_iter().map(|(kind, count)| (kind.to_owned(), count)).collect(),
        }),
    }
}

fn duration(duration: std::time::Duration) -> Duration {
    Duration::from_micros(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX))
}
