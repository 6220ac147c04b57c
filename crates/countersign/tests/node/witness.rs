//! Every node is a witness of the log: the node follows no plan of a log that does not continue what the node saw.

use super::proxy::Proxy;
use crate::common::{
    backup::Backup,
    node::{Node, NodeOptions, PATIENCE, patients},
    scene::{People, Place},
    serve::{self, Serve},
};
use reqwest::Method;
use serde_json::{Value, json};
use std::{
    fs,
    path::Path,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

/// Waits until a question has a wanted answer.
async fn until<T: std::fmt::Debug, F: Future<Output = T>>(ask: impl Fn() -> F, wanted: impl Fn(&T) -> bool) -> T {
    let begun = Instant::now();
    loop {
        let answer = ask().await;
        if wanted(&answer) {
            return answer;
        }
        assert!(begun.elapsed() < PATIENCE, "this never came; the last was {answer:#?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// What the node `node-1` reported of the log.
async fn reported(people: &People) -> Value {
    people.root.get("/infrastructures/production/nodes").await.ok()["items"][0]["report"]["log"].clone()
}

async fn text(url: &str, path: &str) -> String {
    reqwest::get(format!("{url}{path}")).await.unwrap().text().await.unwrap()
}

/// The same server, at the same address.
fn again(place: &Place, url: &str) -> Serve {
    let listen = url.trim_start_matches("http://");
    let mut command = serve::command(&[]);
    command.args(["serve", "--listen", listen, "--database", place.database.url(), "--data"]);
    Serve::spawn(command.arg(place.data())).ready()
}

/// How a start of this node ends that cannot succeed.
fn refused_start(options: &NodeOptions, more: &[&str]) -> String {
    let mut command = Command::new(serve::PROGRAM);
    command.env_clear().args(["node", "--server", &options.server, "--infra", &options.infra, "--listen", &options.listen]);
    command.arg("--token-file").arg(&options.token_file).arg("--trust").arg(&options.trust).arg("--cache").arg(&options.cache);
    let output = command.args(more).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

/// A server whose backup lacks a revocation goes on with the log: its nodes do not, until their operator says so.
async fn a_server_without_the_revocation(place: Place) {
    let server = place.serve();
    let people = place.set(&server).await;
    people.disable_on_lapse().await;
    let options = NodeOptions::of(&place, &server, &people).await;
    let mut node = options.start();
    let (inputs, url) = (patients(), server.url.clone());
    let version = people.approved(&place, "logistic-regression");
    people.deploy(version).await.ok();
    node.until("tumour", &inputs, |answer| answer.is_from(version)).await;
    server.stop();
    let backup = Backup::of(&place);
    let server = again(&place, &url);
    people.revoke(version).await;
    let wrongly =
        |answer: &crate::common::node::Prediction| answer.status == 503 && answer.reason().contains("calibrated wrongly");
    node.until("tumour", &inputs, wrongly).await;
    until(|| reported(&people), |log| log["refusal"].is_null() && log["size"].is_u64()).await;
    server.stop();
    backup.restore();

    let note = place.admin(&["continue-log", "--reason", "The disk failed."]).done().stdout;
    let server = again(&place, &url);
    let shown = people.operator.get("/infrastructures/production/deployments/tumour").await.ok();
    assert_eq!(shown["standing"], "in_policy", "the server knows of no revocation");
    let log = until(|| reported(&people), |log| log["refusal"].is_string()).await;
    let refusal = log["refusal"].as_str().unwrap();
    assert!(refusal.contains("did not sign the server's checkpoint") && refusal.contains("--accept-log"), "{refusal}");
    assert!(node.log().contains("the server's log is refused"), "{}", node.log());
    assert!(wrongly(&node.predict("tumour", &inputs).await), "the node knows what it knew");
    assert!(text(&node.url, "/metrics").await.contains("countersign_node_log_refused 1"));
    assert_eq!(node.get("/v2/health/ready").await.status, 200, "what is in service goes on");
    told_on_the_server(&place, &people, &server).await;

    node.kill();
    let mut node = options.start();
    until(async || node.log(), |log| log.contains("the server's log is refused")).await;
    // A restart changes nothing.
    node.until("tumour", &inputs, wrongly).await;
    node.kill();
    drop(node);

    // The word of the operator needs the new trust file.
    let accepted = place.desk().join("accepted.txt");
    fs::write(&accepted, &note).unwrap();
    let accept = ["--accept-log", accepted.to_str().unwrap()];
    let problem = refused_start(&options, &accept);
    assert!(problem.contains("is not signed by") && problem.contains("admin public-key"), "{problem}");
    fs::write(&options.trust, place.admin(&["public-key"]).done().stdout).unwrap();
    let accepting = options.clone().with(&accept);
    let mut node = accepting.start();
    node.until("tumour", &inputs, |answer| answer.is_from(version)).await;
    until(|| reported(&people), |log| log["refusal"].is_null()).await;
    let kept: Value = serde_json::from_slice(&fs::read(options.cache.join("witness.json")).unwrap()).unwrap();
    let [acceptance] = &kept["accepted"].as_array().unwrap()[..] else { panic!("{kept}") };
    assert!(acceptance["checkpoint"] == note && acceptance["given_up"].is_string() && acceptance["at"].is_string(), "{kept}");
    people.revoke(version).await;
    node.until("tumour", &inputs, wrongly).await;
    node.kill();
    drop(node);
    // The flag may stay: the checkpoint was accepted once, and the node remembers what came after.
    let node = accepting.start();
    until(|| reported(&people), |log| log["refusal"].is_null() && log["size"].as_u64() > kept_size(&kept)).await;
    node.until("tumour", &inputs, wrongly).await;
    node.stop();
    server.stop();
}

fn kept_size(kept: &Value) -> Option<u64> {
    kept["checkpoint"].as_str()?.lines().nth(1)?.parse().ok()
}

/// Everybody who asks the server hears that a node refuses its log.
async fn told_on_the_server(place: &Place, people: &People, server: &Serve) {
    let root = place.terminal(&people.root);
    let nodes = root.run(&["infra", "nodes", "production"]).done();
    assert!(nodes.stdout.contains("refused"), "{nodes:?}");
    let shown = root.run(&["infra", "show", "production"]).done();
    assert!(shown.stdout.contains("Nodes that refuse the log") && shown.stdout.contains("node-1"), "{shown:?}");
    let doctor = root.run(&["doctor"]);
    assert!(doctor.code == 1 && doctor.stdout.contains("refuses the log"), "{doctor:?}");
    let data = place.data().display().to_string();
    let doctor = root.run(&["doctor", "--data", &data, "--database", place.database.url()]);
    assert!(doctor.code == 1 && doctor.stdout.contains("1 nodes refuse it"), "{doctor:?}");
    let deployment = people.operator.get("/infrastructures/production/deployments/tumour").await.ok();
    assert_eq!(deployment["health"]["nodes"][0]["state"], "not_ready", "{deployment:#}");
    until(
        async || people.root.at(&server.url).outside("/metrics").await,
        |text| text.contains("countersign_nodes_refusing_log 1"),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_restored_without_a_revocation_is_refused_on_sqlite() {
    a_server_without_the_revocation(Place::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_restored_without_a_revocation_is_refused_on_postgres() {
    if let Some(place) = Place::postgres() {
        a_server_without_the_revocation(place).await;
    }
}

/// The checkpoint of the server was restored with the database, so the server notices nothing. Its nodes do.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_notices_what_its_server_cannot() {
    let place = Place::sqlite();
    let server = place.serve();
    let people = place.set(&server).await;
    people.disable_on_lapse().await;
    let node = NodeOptions::of(&place, &server, &people).await.start();
    let (inputs, url) = (patients(), server.url.clone());
    let version = people.approved(&place, "logistic-regression");
    people.deploy(version).await.ok();
    node.until("tumour", &inputs, |answer| answer.is_from(version)).await;
    server.stop();
    let backup = Backup::of(&place);
    let checkpoint = place.data().join("checkpoint.txt");
    let earlier = fs::read(&checkpoint).unwrap();
    let server = again(&place, &url);
    people.revoke(version).await;
    node.until("tumour", &inputs, |answer| answer.reason().contains("calibrated wrongly")).await;
    server.stop();
    backup.restore();
    fs::write(&checkpoint, earlier).unwrap();

    let server = again(&place, &url);
    assert_eq!(reqwest::get(format!("{}/health", server.url)).await.unwrap().status(), 200);
    let log = until(|| reported(&people), |log| log["refusal"].is_string()).await;
    assert!(log["refusal"].as_str().unwrap().contains("events are missing"), "{log}");
    assert_eq!(node.predict("tumour", &inputs).await.status, 503);
    server.stop();
    // What the node kept shows the server's operator what is missing, and is the checkpoint that the record gives up.
    fs::write(&checkpoint, log["checkpoint"].as_str().unwrap()).unwrap();
    assert!(place.findings().iter().any(|finding| finding["what"] == "log"));
    place.admin(&["continue-log", "--reason", "The disk failed."]).done();
    assert_eq!(place.findings(), [] as [Value; 0]);
    node.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forged_checkpoint_and_a_proof_that_does_not_fit_are_refused() {
    for (mark, reason) in [
        // The name of the log in the signed text.
        (&b"\"checkpoint\":\"countersign.exampl"[..], "altered after it was signed"),
        (&b"\"consistency\":[\""[..], "does not continue the log"),
    ] {
        let place = Place::sqlite();
        let server = place.serve();
        let people = place.set(&server).await;
        let forging = Arc::new(AtomicBool::new(false));
        let forges = Arc::clone(&forging);
        let proxy = Proxy::start_with(&server.url, move |piece| {
            let at = piece.windows(mark.len()).position(|window| window == mark).map(|at| at + mark.len());
            match at.and_then(|at| piece.get_mut(at)).filter(|_| forges.load(Ordering::SeqCst)) {
                Some(byte) => {
                    *byte = if *byte == b'0' { b'1' } else { b'0' };
                    true
                }
                None => false,
            }
        });
        let proxy = proxy.await;
        let options = NodeOptions { server: proxy.url.clone(), ..NodeOptions::of(&place, &server, &people).await };
        let node = options.start();
        let inputs = patients();
        let versions = [people.approved(&place, "logistic-regression"), people.approved(&place, "gradient-boosting")];
        people.deploy(versions[0]).await.ok();
        node.until("tumour", &inputs, |answer| answer.is_from(versions[0])).await;
        forging.store(true, Ordering::SeqCst);
        people.deploy(versions[1]).await.ok();
        until(async || node.log(), |log| log.contains(reason)).await;
        assert!(proxy.altered.load(Ordering::SeqCst) > 0);
        assert!(node.predict("tumour", &inputs).await.is_from(versions[0]), "what was in service goes on");
        forging.store(false, Ordering::SeqCst);
        people.deploy(versions[1]).await.ok();
        let deployment = "/infrastructures/production/deployments/tumour";
        people.operator.change(Method::POST, &format!("{deployment}/rollback"), deployment, &json!({})).await.ok();
        node.until("tumour", &inputs, |answer| answer.is_from(versions[0]) && answer.revision == 3).await;
        until(|| reported(&people), |log| log["refusal"].is_null()).await;
        node.stop();
        server.stop();
    }
}

/// Deploys a version and waits until the node serves it.
async fn follows(node: &Node, people: &People, version: u32) {
    people.deploy(version).await.ok();
    node.until("tumour", &patients(), |answer| answer.is_from(version)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_changes_in_the_record_needs_no_operator() {
    let place = Place::sqlite();
    let server = place.serve();
    let people = place.set(&server).await;
    let options = NodeOptions::of(&place, &server, &people).await;
    let versions = [people.approved(&place, "logistic-regression"), people.approved(&place, "gradient-boosting")];
    let mut node = options.start();
    follows(&node, &people, versions[0]).await;
    place.admin(&["rotate-log-key", "--reason", "Yearly change."]).done();
    follows(&node, &people, versions[1]).await;
    node.kill();
    drop(node);
    // Two changes while the node is away, and its trust file names neither.
    for reason in ["Yearly change.", "A drill."] {
        place.admin(&["rotate-log-key", "--reason", reason]).done();
    }
    let node = options.start();
    follows(&node, &people, versions[0]).await;
    let kept = fs::read_to_string(options.cache.join("witness.json")).unwrap();
    assert_eq!(kept.matches("log.key_changed").count(), 3, "{kept}");
    assert_eq!(reported(&people).await["refusal"], Value::Null);
    node.stop();
    // With the new trust file as well.
    fs::write(&options.trust, place.admin(&["public-key"]).done().stdout).unwrap();
    let node = options.start();
    follows(&node, &people, versions[1]).await;
    node.stop();
    server.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_of_another_server_is_refused_from_the_start() {
    let place = Place::sqlite();
    let server = place.serve();
    let people = place.set(&server).await;
    let version = people.approved(&place, "logistic-regression");
    people.deploy(version).await.ok();
    let options = NodeOptions::of(&place, &server, &people).await;
    let own = fs::read_to_string(&options.trust).unwrap();
    let other = Place::sqlite();
    other.serve().stop();
    let trust = other.admin(&["public-key"]).done().stdout;
    let line = |trust: &str| trust.lines().find(|line| line.starts_with("Countersign log: ")).unwrap().to_owned();
    fs::write(&options.trust, own.replace(&line(&own), &line(&trust))).unwrap();
    let node = options.start();
    let ready = until(|| node.get("/v2/health/ready"), |ready| ready.json["reason"].to_string().contains("did not sign")).await;
    assert_eq!(ready.status, 503);
    assert_ne!(node.predict("tumour", &patients()).await.status, 200);
    node.stop();
    // A node that knows no key of the log is no witness.
    fs::write(&options.trust, own.replace(&format!("{}\n", line(&own)), "")).unwrap();
    let problem = refused_start(&options, &[]);
    assert!(problem.contains("names no key of the server's log"), "{problem}");
    let missing = Path::new("/missing").display().to_string();
    fs::write(&options.trust, own).unwrap();
    assert!(refused_start(&options, &["--accept-log", &missing]).contains("cannot be read"));
    server.stop();
}
