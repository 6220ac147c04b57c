//! The process of a model ends: who hears of it, and how soon the version answers again.

use crate::common::{
    node::{Node, NodeOptions},
    scene::Place,
};
use serde_json::{Value, json};
use std::{
    fs,
    process::Command,
    time::{Duration, Instant},
};

/// How long the news of a dead process may take to reach the server.
const PATIENCE: Duration = Duration::from_secs(30);

/// A request that divides these numbers.
fn division(number: i64, by: i64) -> Value {
    let input = |name: &str, value: i64| json!({"name": name, "shape": [1], "datatype": "INT64", "data": [value]});
    json!({"inputs": [input("a", number), input("b", by)]})
}

/// Kills the only process in which a node runs a model.
fn kill_engine(node: &Node) {
    let threads = fs::read_dir(format!("/proc/{}/task", node.pid())).unwrap().flatten();
    let children = threads.map(|thread| fs::read_to_string(thread.path().join("children")).unwrap_or_default());
    let children = children.collect::<String>();
    let pids: Vec<_> = children.split_whitespace().collect();
    let [pid] = pids[..] else { panic!("the node has the children {pids:?}") };
    assert!(Command::new("kill").args(["-KILL", pid]).status().unwrap().success());
}

/// Waits until this is so.
async fn until(what: &str, so: impl AsyncFn() -> bool) {
    let begun = Instant::now();
    while !so().await {
        assert!(begun.elapsed() < PATIENCE, "this never came: {what}");
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_ends_the_process_is_refused_and_the_next_is_answered() {
    let place = Place::sqlite();
    let server = place.serve();
    let people = place.set(&server).await;
    let node = NodeOptions::of(&place, &server, &people).await.start();
    let version = people.registered_from(&place, concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/models/int-div"));
    people.approve(&place, version);
    people.deploy(version).await.ok();
    let good = division(7, 2);
    node.until("tumour", &good, |answer| answer.status == 200).await;
    let mut longest = Duration::ZERO;
    for _ in 0..9 {
        let answer = node.predict("tumour", &division(i64::MIN, -1)).await;
        assert_eq!(answer.status, 503, "{answer:#?}");
        let begun = Instant::now();
        let answer = node.until("tumour", &good, |answer| answer.status == 200).await;
        assert_eq!(answer.json["outputs"][0]["data"], json!([3]));
        longest = longest.max(begun.elapsed());
    }
    assert!(longest < Duration::from_secs(8), "one request kept the service down for {longest:?}");

    // Everybody who asks hears of it, although the version answers.
    let health = node.get("/health").await.json;
    assert!(health["incidents"][0].as_str().unwrap().contains("SIGFPE"), "{health}");
    until("the list of nodes says so", async || {
        let shown = place.terminal(&people.root).run(&["infra", "nodes", "production"]).done().stdout;
        shown.contains("SIGFPE")
    })
    .await;
    node.stop();
    server.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_version_whose_process_cannot_start_again_is_well_nowhere() {
    let place = Place::sqlite();
    let server = place.serve();
    let people = place.set(&server).await;
    let mut options = NodeOptions::of(&place, &server, &people).await;
    let library = place.desk().join("libonnxruntime.so");
    fs::copy(&options.library, &library).unwrap();
    options.library.clone_from(&library);
    let node = options.start();
    let version = people.registered_from(&place, concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/models/int-div"));
    people.approve(&place, version);
    people.deploy(version).await.ok();
    node.until("tumour", &division(7, 2), |answer| answer.status == 200).await;
    let aside = place.desk().join("aside.so");
    fs::rename(&library, &aside).unwrap();
    kill_engine(&node);
    let refused = node
        .until("tumour", &division(7, 2), |answer| answer.status == 503 && answer.reason().contains("does not start again"))
        .await;
    assert!(refused.reason().contains("cannot be read"), "{refused:#?}");
    for path in ["/v2/health/ready", "/v2/models/tumour/ready", "/health"] {
        assert_eq!(node.get(path).await.status, 503, "{path}");
    }
    assert_eq!(node.get("/v2/repository/index").await.json[0]["state"], "UNAVAILABLE");
    until("the deployment says so", async || {
        let shown = people.operator.get("/infrastructures/production/deployments/tumour").await.ok();
        let health = &shown["health"];
        health["status"] == "degraded" && health["nodes"][0]["state"] == "failed"
    })
    .await;
    let root = place.terminal(&people.root);
    let nodes = root.run(&["infra", "nodes", "production"]).done().stdout;
    assert!(nodes.contains("does not start again"), "{nodes}");
    let doctor = root.run(&["doctor"]).stdout;
    assert!(doctor.contains("diagnosis/tumour:1 does not answer") && doctor.contains("does not start again"), "{doctor}");

    fs::rename(&aside, &library).unwrap();
    node.until("tumour", &division(7, 2), |answer| answer.status == 200).await;
    assert_eq!(node.get("/v2/health/ready").await.status, 200);
    until("the deployment is healthy", async || {
        let shown = people.operator.get("/infrastructures/production/deployments/tumour").await.ok();
        shown["health"]["status"] == "healthy"
    })
    .await;
    node.stop();
    server.stop();
}
