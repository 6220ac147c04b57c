//! What happens when the server stops.

use crate::fake::{Driven, FakeJob, SECOND, never, success};
use futures_util::FutureExt;
use std::sync::{Arc, Mutex, atomic::Ordering::SeqCst};
use tokio::sync::oneshot;
use worker::{Outcome, driver::SHUTDOWN_TIME};

#[tokio::test]
async fn an_open_run_ends_before_the_server_does_and_the_last_job_comes_after_it() {
    let (finish, finishing) = oneshot::channel::<()>();
    let finishing = Mutex::new(Some(finishing));
    let slow = FakeJob::new("slow", move |_| {
        let finishing = finishing.lock().unwrap().take();
        async move {
            finishing.unwrap().await.unwrap();
            Ok(Outcome::count("things", 1))
        }
        .boxed()
    });
    let last = FakeJob::steady("last").once_more_at_end();
    let runs = last.runs();
    let mut driven = Driven::start(vec![last, slow]).await;
    assert_eq!(runs.load(SeqCst), 1);
    driven.stop();
    driven.pass(5 * SECOND).await;
    assert!(!driven.has_ended() && runs.load(SeqCst) == 1, "nothing new begins, and what has begun goes on");

    finish.send(()).unwrap();
    driven.pass(SECOND).await;
    assert!(driven.has_ended());
    assert!(driven.state("slow").last_work.is_some());
    assert_eq!(runs.load(SeqCst), 2);
}

#[tokio::test]
async fn a_run_that_hangs_does_not_keep_the_server_from_stopping() {
    let last = FakeJob::new("last", |run| if run == 1 { success() } else { never() }).once_more_at_end();
    let mut driven = Driven::start(vec![FakeJob::new("hung", |_| never()), last]).await;
    driven.stop();
    driven.pass(SHUTDOWN_TIME - SECOND).await;
    assert!(!driven.has_ended());
    driven.pass(SHUTDOWN_TIME + 2 * SECOND).await;
    assert!(driven.has_ended());
}

#[tokio::test]
async fn a_job_that_waits_for_its_turn_ends_at_once() {
    let steady = FakeJob::steady("steady");
    let runs = Arc::clone(&steady.runs());
    let mut driven = Driven::start(vec![steady]).await;
    driven.stop();
    driven.pass(SECOND / 100).await;
    assert!(driven.has_ended());
    assert_eq!(runs.load(SeqCst), 1);
}
