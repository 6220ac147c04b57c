//! A job that is stuck makes its server unready; a job that fails does not.

use crate::fake::{Driven, FakeJob, SECOND, failure};
use app::{Server, upkeep};
use std::time::Duration;
use testkit::{Backend, START, TestServer};

#[tokio::test]
async fn a_job_that_never_ends_its_run_makes_the_server_unready() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.app.jobs.add("hung", SECOND, 60 * SECOND);
    server.app.jobs.begin("hung", START);
    after(&server.app, 359 * SECOND).await.unwrap();
    let error = after(&server.app, 2 * SECOND).await.unwrap_err();
    assert_eq!(error.code.to_string(), "job_stuck");
    assert!(!error.to_string().contains("hung"), "everybody may ask: {error}");
}

#[tokio::test]
async fn a_job_that_misses_its_turn_makes_the_server_unready() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.app.jobs.add("late", 3600 * SECOND, 60 * SECOND);
    server.app.jobs.begin("late", START);
    server.app.jobs.succeed("late", START, Default::default());
    server.app.jobs.schedule("late", START, 3600 * SECOND);
    after(&server.app, 3600 * SECOND).await.unwrap();
    after(&server.app, 301 * SECOND).await.unwrap_err();
}

#[tokio::test]
async fn a_job_that_fails_leaves_the_server_ready() {
    let driven = Driven::start(vec![FakeJob::new("broken", |_| failure())]).await;
    driven.pass(3600 * SECOND).await;
    tokio::time::resume();
    upkeep::health(&driven.server.app).await.unwrap();
}

/// The health of the server, this much later.
async fn after(server: &Server, time: Duration) -> Result<(), app::Error> {
    tokio::time::pause();
    tokio::time::advance(time).await;
    // The database takes time of its own.
    tokio::time::resume();
    upkeep::health(server).await
}
