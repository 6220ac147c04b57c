//! The commands about mails, and what they say where no mail server is set up.

use crate::{
    common::{
        scene::{People, Place},
        serve::{Serve, command},
    },
    give_addresses, request, settings,
    tls_server::TlsServer,
    until,
};
use serde_json::json;
use std::process::{Child, Stdio};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn choices_and_subscriptions_are_kept_and_a_server_without_mail_says_so() {
    let place = Place::sqlite();
    let server = place.serve();
    let people = place.set(&server).await;
    let (scientist, root) = (place.terminal(&people.scientist), place.terminal(&people.root));
    request(&people).await;
    scientist.run(&["review", "take-back", "diagnosis/tumour:1"]).done();
    let asked = scientist.run(&["review", "request", "diagnosis/tumour:1"]).done();
    assert!(asked.stderr.contains("Mail is not set up on this server"), "{asked:?}");
    scientist.run(&["review", "take-back", "diagnosis/tumour:1"]).done();
    let silent = scientist.run(&["review", "request", "diagnosis/tumour:1", "--notify", "none"]).done();
    assert!(!silent.stderr.contains("Mail is not set up"), "nobody was to be told: {silent:?}");
    root.run(&["mail", "test"]).refused(7, "no mail server is set up");

    assert!(scientist.run(&["mail", "want"]).done().stdout.contains("all"));
    assert!(scientist.run(&["mail", "want", "my_turn"]).done().stdout.contains("my_turn"));
    assert_eq!(scientist.run(&["mail", "want", "--output", "json"]).done().json()["wanted"], "my_turn");
    scientist.run(&["mail", "want", "some"]).refused(2, "my_turn");
    let subscribed = scientist.run(&["mail", "subscribe", "diagnosis/tumour"]).done();
    assert!(subscribed.stdout.contains("diagnosis/tumour"), "{subscribed:?}");
    scientist.run(&["mail", "subscribe", "elsewhere"]).refused(5, "elsewhere");
    assert!(scientist.run(&["mail", "unsubscribe", "diagnosis/tumour"]).done().stdout.contains("No subscriptions."));
    scientist.run(&["mail", "list"]).refused(6, "");
    assert!(root.run(&["mail", "list"]).done().stdout.contains("No mails."));
    assert!(root.run(&["mail", "retry", "--all"]).done().stdout.contains('0'));
    root.run(&["mail", "retry"]).refused(2, "--all");
    server.stop();
}

/// Killed when dropped.
struct Worker(Child);

impl Drop for Worker {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A server that runs no jobs, and the jobs in a process of their own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_beside_a_server_does_its_jobs() {
    let Some(mail) = TlsServer::start_plain() else { return };
    let port = format!("127.0.0.1:{}", mail.port);
    let settings = settings(&port, "none");
    let place = Place::sqlite();
    let (data, database) = (place.data(), place.database.url());
    let mut serve = command(&settings);
    let serve = Serve::spawn(
        serve.args(["serve", "--no-worker", "--listen", "127.0.0.1:0", "--database", database, "--data"]).arg(&data),
    );
    let serve = serve.ready();
    let people = place.set(&serve).await;
    give_addresses(&people).await;
    request(&people).await;
    assert_eq!(jobs_of(&people).await, ["measure"], "the server takes its own figures, and does nothing else");
    assert_eq!(people.root.get("/messages").await.ok()["items"], json!([]), "nobody makes messages");
    let worker = command(&settings).args(["worker", "--database", database, "--data"]).arg(&data).stderr(Stdio::null()).spawn();
    let mut worker = Worker(worker.unwrap());
    until(&people.root, "sent", 3).await;
    assert_eq!(mail.recipients().lines().count(), 3);
    assert!(std::process::Command::new("kill").arg(worker.0.id().to_string()).status().unwrap().success());
    assert!(worker.0.wait().unwrap().success(), "it ends in order");
    let log = people.root.get("/log/checkpoint").await.text();
    assert!(log.contains("countersign.example"), "the worker signs the log: {log}");
    serve.stop();
}

/// The jobs of the server that answers.
async fn jobs_of(people: &People) -> Vec<String> {
    let jobs = people.root.get("/jobs").await.ok();
    jobs["items"].as_array().unwrap().iter().map(|job| job["name"].as_str().unwrap().to_owned()).collect()
}
