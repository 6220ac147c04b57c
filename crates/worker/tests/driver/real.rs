//! The jobs of a server, on a real database, with the clock of the testkit.

use app::{Error, Server};
use futures_util::{FutureExt, future::BoxFuture};
use serde_json::json;
use std::{collections::BTreeMap, sync::Arc};
use testkit::{Backend, Scene, TestServer};
use tokio::sync::mpsc;
use worker::{Job, Outcome, Schedule, driver, jobs};

/// A job that tells when a run of it has ended.
struct Observed {
    job: Box<dyn Job>,
    ended: mpsc::UnboundedSender<&'static str>,
}

impl Job for Observed {
    fn name(&self) -> &'static str {
        self.job.name()
    }

    fn schedule(&self) -> Schedule {
        self.job.schedule()
    }

    fn run<'a>(&'a self, server: &'a Arc<Server>) -> BoxFuture<'a, Result<Outcome, Error>> {
        async move {
            let result = self.job.run(server).await;
            self.ended.send(self.name()).unwrap();
            result
        }
        .boxed()
    }
}

/// Runs every job once at least.
async fn run_all(server: &TestServer) {
    let (ended, mut ends) = mpsc::unbounded_channel();
    let observed = |job| -> Box<dyn Job> { Box::new(Observed { job, ended: ended.clone() }) };
    let jobs: Vec<_> = jobs::all().into_iter().map(observed).collect();
    let mut missing: BTreeMap<_, _> = jobs.iter().map(|job| (job.name(), ())).collect();
    driver::run(&server.app, jobs, async {
        while !missing.is_empty() {
            missing.remove(ends.recv().await.unwrap());
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_clock_moves_and_the_jobs_do_what_is_due() {
    let server = TestServer::start(Backend::Sqlite).await;
    let scene = Scene::set(&server).await;
    let version = scene.requested().await;
    scene.approver.command(&version, "decision", json!({"decision": "approve", "valid_for": "1h"})).await.ok();
    run_all(&server).await;
    let review = format!("{}/review", version.path);
    assert_eq!(scene.scientist.get(&review).await.ok()["status"], "approved");

    server.clock.advance(domain::Duration::from_seconds(3601));
    // Whichever of the two jobs runs first: there is something to deliver.
    server.announce().await;
    run_all(&server).await;
    assert_eq!(scene.scientist.get(&review).await.ok()["status"], "expired");
    let states: BTreeMap<_, _> = server.app.jobs.all().into_iter().collect();
    let names: Vec<_> = states.keys().copied().collect();
    assert_eq!(
        names,
        [
            "announce",
            "call_webhooks",
            "checkpoint",
            "clean_up",
            "deliver",
            "expire",
            "inboxes",
            "measure",
            "recur",
            "remind",
            "renew",
            "stand_in",
            "witnesses"
        ]
    );
    // Somebody is told of the expiry, and the mail server of the tests is not there: the messages wait, and the job says why.
    assert_eq!(states["deliver"].last_failure.as_ref().unwrap().code, "mail_server");
    let waiting = scene.root.get("/messages?state=waiting").await.ok();
    assert_eq!(waiting["items"][0]["attempts"], 0, "{waiting}");
    for (name, state) in states.iter().filter(|(name, _)| **name != "deliver") {
        assert!(state.succeeded_at.is_some() && state.last_failure.is_none() && !state.is_stuck(), "{name}: {state:?}");
    }
    assert_eq!(states["expire"].last_work.as_ref().unwrap().counts["approvals_expired"], 1);
    let jobs = scene.root.get("/jobs").await.ok();
    let expire = jobs["items"].as_array().unwrap().iter().find(|job| job["name"] == "expire").unwrap();
    assert_eq!(
        (&expire["state"], &expire["every"], &expire["last_work"]["counts"]),
        (&json!("waiting"), &json!("1s"), &json!({"approvals_expired": 1}))
    );
    server.verify().await;
    let checkpoint = scene.root.get("/log/checkpoint").await.text();
    assert!(checkpoint.contains(&format!("\n{}\n", server.log_size().await)), "the last events are signed: {checkpoint}");
}
