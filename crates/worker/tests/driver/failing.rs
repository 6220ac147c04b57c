//! Jobs that fail, panic or hang: each is seen, goes on, and keeps no other from its work.

use crate::fake::{Driven, FakeJob, SECOND, failure, never, panic, success};
use std::{sync::atomic::Ordering::SeqCst, time::Duration};
use testkit::START;
use worker::Outcome;

#[tokio::test]
async fn a_job_that_fails_is_tried_again_and_its_state_says_why() {
    let job = FakeJob::new("flaky", |run| if run < 4 { failure() } else { success() });
    let driven = Driven::start(vec![job]).await;
    let state = driven.state("flaky");
    let failed = state.last_failure.unwrap();
    assert_eq!((failed.at, failed.code.as_str()), (START, "unavailable"));
    assert_eq!(failed.message, "the database does not answer");
    assert_eq!((state.runs, state.failures_in_a_row, state.succeeded_at), (1, 1, None));

    driven.pass(8 * SECOND).await;
    let state = driven.state("flaky");
    assert_eq!((state.failures_in_a_row, state.succeeded_at), (0, Some(START)));
    assert!(state.last_failure.is_some(), "what happened stays known");
    assert_eq!(state.last_work.unwrap().counts.into_iter().collect::<Vec<_>>(), [("things", 1)]);
}

#[tokio::test]
async fn waits_grow_while_a_job_fails() {
    let driven = Driven::start(vec![FakeJob::new("broken", |_| failure())]).await;
    driven.pass(3600 * SECOND).await;
    let state = driven.state("broken");
    assert!((60..=150).contains(&state.runs), "{} runs in an hour", state.runs);
    assert_eq!(u64::from(state.failures_in_a_row), state.runs);
    assert!(!state.is_stuck(), "a job that fails is not stuck: it is tried again");
}

#[tokio::test]
async fn a_job_that_panics_is_started_again_and_seen() {
    let job = FakeJob::new("clumsy", |run| if run == 1 { panic() } else { success() });
    let driven = Driven::start(vec![job, FakeJob::steady("steady")]).await;
    assert_eq!(driven.state("clumsy").last_failure.unwrap().code, "panic");
    driven.pass(2 * SECOND).await;
    assert_eq!(driven.state("clumsy").failures_in_a_row, 0);
    assert_eq!(driven.state("steady").failures_in_a_row, 0);
}

#[tokio::test]
async fn a_job_that_hangs_makes_no_other_late_and_is_stopped_at_its_time_limit() {
    let job = FakeJob::new("hung", |run| if run == 1 { never() } else { success() });
    let steady = FakeJob::steady("steady");
    let runs = steady.runs();
    let driven = Driven::start(vec![job, steady]).await;
    driven.pass(59 * SECOND).await;
    let runs = runs.load(SeqCst);
    assert!((55..=60).contains(&runs), "{runs} runs in a minute");
    let state = driven.state("hung");
    assert!(state.running && state.next_run_at.is_none() && state.runs == 1);

    driven.pass(3 * SECOND).await;
    let state = driven.state("hung");
    assert_eq!(state.last_failure.unwrap().code, "time_limit");
    assert!(state.failures_in_a_row == 0 && state.runs > 1, "it goes on");
}

#[tokio::test]
async fn a_job_with_more_to_do_goes_on_at_once() {
    let job = FakeJob::new("busy", |run| Box::pin(async move { Ok(Outcome { more: run < 100, ..Outcome::default() }) }));
    let driven = Driven::start(vec![job]).await;
    driven.pass(Duration::from_millis(500)).await;
    assert_eq!(driven.state("busy").runs, 100);
    assert_eq!(driven.state("busy").last_work, None, "nothing was done");
}

#[tokio::test]
async fn the_metrics_say_how_each_job_is() {
    let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder();
    let _recording = metrics::set_default_local_recorder(&recorder);
    let driven = Driven::start(vec![FakeJob::new("broken", |_| failure()), FakeJob::steady("steady")]).await;
    let text = recorder.handle().render();
    for line in [
        "countersign_job_runs_total{job=\"steady\",result=\"success\"} 1",
        "countersign_job_runs_total{job=\"broken\",result=\"failure\"} 1",
        "countersign_job_failures_in_a_row{job=\"steady\"} 0",
        "countersign_job_failures_in_a_row{job=\"broken\"} 1",
        "countersign_job_done_total{job=\"steady\",kind=\"things\"} 1",
        "countersign_job_running{job=\"steady\"} 0",
        "countersign_job_last_success_timestamp_seconds{job=\"steady\"} 1767603600",
        "countersign_job_next_run_timestamp_seconds{job=\"steady\"} 1767603601",
    ] {
        assert!(text.contains(line), "`{line}` is not in\n{text}");
    }
    drop(driven);
}
