//! Webhooks by the commands, to a receiver that is written with the libraries that receivers use: `standardwebhooks` and `cloudevents`
//! from PyPI, and `standardwebhooks` from npm.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that panics says where and why, and tells what it did")]

mod common;

use common::{scene::Place, serve::Serve};
use serde_json::Value;
use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;

const PYTHON: &str = "COUNTERSIGN_TEST_PYTHON";
const NODE: &str = "COUNTERSIGN_TEST_NODE";

/// A running receiver; killed when dropped.
struct Receiver {
    folder: TempDir,
    url: String,
    child: Child,
}

impl Receiver {
    fn start(python: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/webhooks/receiver.py");
        let mut python = Command::new(python);
        let mut child = python
            .arg(script)
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python can be started");
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port: u16 = line.trim().parse().unwrap_or_else(|_| panic!("the receiver did not start: {line}"));
        Self { folder, url: format!("http://127.0.0.1:{port}/hook"), child }
    }

    fn secret_file(&self) -> String {
        self.folder.path().join("secret").display().to_string()
    }

    /// What came, once it is so much.
    fn received(&self, count: usize) -> Vec<Value> {
        let end = Instant::now() + Duration::from_secs(60);
        loop {
            let text = fs::read_to_string(self.folder.path().join("received")).unwrap_or_default();
            // The last line may be half written.
            let lines: Vec<Value> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
            if lines.len() >= count {
                return lines;
            }
            assert!(Instant::now() < end, "only {} of {count} came: {lines:#?}", lines.len());
        }
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Fails unless the npm package verifies all of these with the secret, and none of them altered.
fn verify_with_npm(node: &str, secret: &str, received: &[Value]) {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/webhooks/verify.mjs");
    let mut command = Command::new("node");
    let mut child = command.args([script, secret]).env(NODE, node).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    for line in received {
        writeln!(input, "{line}").unwrap();
    }
    drop(input);
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.lines().count() == received.len(), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn receivers_verify_and_read_what_they_are_sent() {
    let (Some(python), Some(node)) = (common::environment(PYTHON), common::environment(NODE)) else {
        assert!(common::sqlite_only(), "{PYTHON} and {NODE} are not set: run `cargo xtask test`");
        return;
    };
    let receiver = Receiver::start(&python);
    let place = Place::sqlite();
    let server =
        Serve::start_with(&place.data(), place.database.url(), &[("COUNTERSIGN_WEBHOOKS_ALLOWED_NETWORKS", "127.0.0.0/8")]);
    let people = place.set(&server).await;
    let (root, scientist, approver) =
        (place.terminal(&people.root), place.terminal(&people.scientist), place.terminal(&people.approver));
    root.run(&[
        "webhook",
        "create",
        "ci",
        &receiver.url,
        "--topic",
        "approved,review_requested",
        "--save",
        &receiver.secret_file(),
    ])
    .done();
    let secret = fs::read_to_string(receiver.secret_file()).unwrap();
    assert!(secret.starts_with("whsec_"));

    let model = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/tumour/logistic-regression");
    scientist.run(&["version", "create", "diagnosis/tumour", model]).done();
    scientist.run(&["review", "request", "diagnosis/tumour:1", "--skip-feedback"]).done();
    approver.decide(&["approve", "diagnosis/tumour:1", "--comment", "Good – “enough”."]).done();
    let received = receiver.received(2);
    let of = |topic: &str| {
        let kind = format!("countersign.{topic}");
        received.iter().find(|line| line["event"]["type"] == kind).unwrap_or_else(|| panic!("no {topic}: {received:#?}"))
    };
    let approved = &of("approved")["event"];
    assert_eq!(approved["subject"], "diagnosis/tumour:1");
    assert_eq!(approved["data"]["comment"], "Good – “enough”.");
    assert_eq!(approved["data"]["status"], "approved");
    assert_eq!(of("review_requested")["event"]["data"]["actor"]["name"], "scientist");
    verify_with_npm(&node, secret.trim(), &received);

    // A test; a receiver that has not changed to the new secret yet; and one that has.
    root.run(&["webhook", "test", "ci"]).done();
    root.run(&["webhook", "rotate-secret", "ci", "--save", &receiver.folder.path().join("next").display().to_string()]).done();
    root.run(&["webhook", "test", "ci"]).done();
    fs::rename(receiver.folder.path().join("next"), receiver.folder.path().join("secret")).unwrap();
    root.run(&["webhook", "test", "ci"]).done();
    let received = receiver.received(5);
    assert!(received.iter().all(|line| line.get("error").is_none()), "{received:#?}");
    assert_eq!(received[4]["event"]["type"], "countersign.test");

    // Once more: the same bytes under the same id.
    let deliveries = root.run(&["webhook", "deliveries", "ci", "--state", "sent", "--output", "json"]).done().json();
    let first = deliveries["items"].as_array().unwrap().iter().find(|one| one["topic"] == "approved").unwrap();
    root.run(&["webhook", "redeliver", "ci", first["id"].as_str().unwrap()]).done();
    let again = &receiver.received(6)[5];
    assert_eq!((&again["body"], &again["event"]["id"]), (&of("approved")["body"], &of("approved")["event"]["id"]));
    server.stop();
}

/// Each command once, with what it says.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn webhooks_are_made_changed_and_removed_by_commands() {
    let place = Place::sqlite();
    let server =
        Serve::start_with(&place.data(), place.database.url(), &[("COUNTERSIGN_WEBHOOKS_ALLOWED_NETWORKS", "127.0.0.1")]);
    let people = place.set(&server).await;
    let (root, manager, scientist) =
        (place.terminal(&people.root), place.terminal(&people.manager), place.terminal(&people.scientist));
    let address = place.desk().join("chat.url");
    fs::write(&address, "http://127.0.0.1:9/services/secret\n").unwrap();
    let address = address.display().to_string();
    assert!(root.run(&["webhook", "list"]).done().stdout.contains("No webhooks."));
    let made =
        manager.run(&["webhook", "create", "chat", "--kind", "slack", "--url-file", &address, "--project", "diagnosis"]).done();
    assert!(
        made.stdout.is_empty() && made.stderr.contains("http://127.0.0.1:9/…") && !made.stderr.contains("services"),
        "{made:?}"
    );
    let ci = root.run(&["webhook", "create", "ci", "http://127.0.0.1:9/"]).done();
    assert!(ci.stdout.starts_with("whsec_") && ci.stdout.lines().count() == 1, "{ci:?}");
    root.run(&["webhook", "create", "ci", "http://127.0.0.1:9/"]).refused(7, "already");
    root.run(&["webhook", "create", "inside", "https://10.0.0.1/"]).refused(2, "webhooks.allowed_networks");
    scientist.run(&["webhook", "list"]).refused(6, "");
    assert!(manager.run(&["webhook", "list", "--project", "diagnosis"]).done().stdout.contains("chat"));
    root.run(&["webhook", "change", "ci", "--topic", "approved"]).done();
    assert!(root.run(&["webhook", "show", "ci"]).done().stdout.contains("approved"));
    root.run(&["webhook", "change", "ci", "--topic", "approve"]).refused(2, "approved");
    root.run(&["webhook", "change", "ci"]).refused(2, "--url");
    root.run(&["webhook", "change", "ci", "--all-topics", "--disable"]).done();
    let shown = root.run(&["webhook", "show", "ci"]).done().stdout;
    assert!(shown.contains("everything") && shown.contains("disabled"), "{shown}");
    root.run(&["webhook", "test", "ci"]).refused(7, "countersign webhook change ci --enable");
    root.run(&["webhook", "change", "ci", "--enable"]).done();
    root.run(&["webhook", "remove", "ci"]).done();
    root.run(&["webhook", "show", "ci"]).refused(5, "ci");
    server.stop();
}

#[test]
fn networks_that_are_none_are_refused_at_the_start() {
    let place = tempfile::tempdir().unwrap();
    let refused = start_with(place.path(), "10.0.0.0/99");
    assert!(refused.contains("webhooks.allowed_networks") && refused.contains("10.1.0.0/16"), "{refused}");
}

fn start_with(data: &Path, networks: &str) -> String {
    let mut server = Command::new(env!("CARGO_BIN_EXE_countersign"));
    let output = server
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(data)
        .env("COUNTERSIGN_WEBHOOKS_ALLOWED_NETWORKS", networks)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}
