//! The background jobs of the server, a check each.

use app::views::{Job, JobFailure, JobStatus, JobWork};

/// What a job does, or what is wrong with it.
pub fn check(job: &Job) -> Result<String, String> {
    let success = job.succeeded_at.map_or("no run has succeeded yet".to_owned(), |at| format!("last success {at}"));
    match (job.state, &job.last_failure) {
        (JobStatus::Stuck, _) => Err(format!("stuck since its last run began; {success}: restart the server")),
        (JobStatus::Failing, Some(JobFailure { code, message, .. })) => {
            Err(format!("failed {} times in a row ({code}: {message}); {success}", job.failures_in_a_row))
        }
        (JobStatus::Failing, None) => Err(format!("failed {} times in a row; {success}", job.failures_in_a_row)),
        (JobStatus::Waiting | JobStatus::Running, _) => {
            let work = job.last_work.as_ref().map(|work| format!("; {}", in_words(work))).unwrap_or_default();
            Ok(format!("every {}, {success}{work}", job.every))
        }
    }
}

/// `3 permits renewed at 2026-…`.
fn in_words(work: &JobWork) -> String {
    let counts: Vec<_> = work.counts.iter().map(|(kind, count)| format!("{count} {}", kind.replace('_', " "))).collect();
    format!("{} at {}", counts.join(", "), work.at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Duration;

    fn job(state: JobStatus) -> Job {
        let at = |text: &str| Some(text.parse().unwrap());
        Job {
            name: "renew".to_owned(),
            state,
            every: Duration::from_seconds(1),
            time_limit: Duration::from_seconds(600),
            runs: 7,
            failures_in_a_row: 0,
            started_at: at("2026-11-28T09:00:00Z"),
            succeeded_at: at("2026-11-28T09:00:00Z"),
            next_run_at: None,
            last_failure: None,
            last_work: None,
        }
    }

    #[test]
    fn a_job_says_how_often_it_runs_and_what_it_did() {
        let well = job(JobStatus::Waiting);
        assert_eq!(check(&well).unwrap(), "every 1s, last success 2026-11-28T09:00:00.000000Z");
        let work = JobWork { at: "2026-11-28T08:00:00Z".parse().unwrap(), counts: [("permits_renewed".to_owned(), 3)].into() };
        let busy = Job { last_work: Some(work), succeeded_at: None, ..job(JobStatus::Running) };
        assert_eq!(check(&busy).unwrap(), "every 1s, no run has succeeded yet; 3 permits renewed at 2026-11-28T08:00:00.000000Z");
    }

    #[test]
    fn a_job_that_fails_or_is_stuck_says_why() {
        let failure = JobFailure {
            at: "2026-11-28T08:00:00Z".parse().unwrap(),
            code: "unavailable".to_owned(),
            message: "the database does not answer".to_owned(),
        };
        let failing = Job { failures_in_a_row: 2, last_failure: Some(failure), succeeded_at: None, ..job(JobStatus::Failing) };
        let reason = "failed 2 times in a row (unavailable: the database does not answer); no run has succeeded yet";
        assert_eq!(check(&failing).unwrap_err(), reason);
        assert!(check(&job(JobStatus::Stuck)).unwrap_err().contains("restart the server"));
    }
}
