//! A revocation takes a version out of service at once, on every node, and also on one that is started later without the server.

use crate::common::{
    node::{NodeOptions, PATIENCE, patients},
    scene::Place,
};
use serde_json::json;
use std::time::{Duration, Instant};

/// How often it is tried.
const TRIES: u32 = 100;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_after_a_revocation_nothing_comes_from_that_version() {
    let place = Place::sqlite();
    let server = place.serve();
    let people = place.set(&server).await;
    people.disable_on_lapse().await;
    let node = NodeOptions::of(&place, &server, &people).await.start();
    let inputs = patients();
    let model = format!("{}/../../examples/tumour/logistic-regression/model.onnx", env!("CARGO_MANIFEST_DIR"));
    let mut took = Vec::new();
    for _ in 0..TRIES {
        let version = people.registered_from(&place, &model);
        people.approve(&place, version);
        people.deploy(version).await.ok();
        node.until("tumour", &inputs, |answer| answer.is_from(version)).await;
        people.revoke(version).await;
        let revoked = Instant::now();
        let refused = node.until("tumour", &inputs, |answer| answer.status != 200).await;
        took.push(revoked.elapsed());
        assert_eq!(refused.status, 503);
        assert!(refused.reason().contains("calibrated wrongly"), "{refused:#?}");
        assert!(!node.predict("tumour", &inputs).await.is_from(version), "once gone, gone");
    }
    took.sort();
    let p99 = took[took.len() * 99 / 100 - 1];
    println!(
        "from the revocation to the first refusal: median {:?}, p99 {p99:?}, longest {:?}",
        took[took.len() / 2],
        took[took.len() - 1]
    );
    assert!(p99 < Duration::from_secs(1), "the rule is a second: {took:?}");
    node.stop();
    server.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revocation_reaches_every_node_and_outlives_a_restart_without_the_server() {
    let place = Place::sqlite();
    let mut server = place.serve();
    let people = place.set(&server).await;
    people.disable_on_lapse().await;
    let options = NodeOptions::of(&place, &server, &people).await;
    let second = NodeOptions::for_infra(&place, &server, &people, "production", "node-2").await.start();
    let mut first = options.start();
    let inputs = patients();
    let version = people.approved(&place, "logistic-regression");
    people.deploy(version).await.ok();
    for node in [&first, &second] {
        node.until("tumour", &inputs, |answer| answer.is_from(version)).await;
    }
    people.revoke(version).await;
    for node in [&first, &second] {
        node.until("tumour", &inputs, |answer| answer.reason().contains("calibrated wrongly")).await;
    }
    let shown = people.operator.get("/infrastructures/production/deployments/tumour").await.ok();
    assert_eq!((&shown["standing"], &shown["health"]["status"]), (&json!("disabled"), &json!("out_of_policy")));
    server.kill();
    first.kill();
    drop(first);
    let again = options.start();
    // The permit still holds, and the node knows of the revocation.
    let refused = again.until("tumour", &inputs, |answer| answer.reason().contains("calibrated wrongly")).await;
    assert_eq!(refused.status, 503, "{refused:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revocation_with_many_words_is_still_reported() {
    let place = Place::sqlite();
    let server = place.serve();
    let people = place.set(&server).await;
    people.disable_on_lapse().await;
    let node = NodeOptions::of(&place, &server, &people).await.start();
    let version = people.approved(&place, "logistic-regression");
    people.deploy(version).await.ok();
    node.until("tumour", &patients(), |answer| answer.is_from(version)).await;
    let words = format!("The scanner was calibrated wrongly. {}", "so ".repeat(822));
    assert!(words.len() > 2500);
    people.revoke_because(version, &words).await;
    node.until("tumour", &patients(), |answer| answer.reason().contains("calibrated wrongly")).await;
    let begun = Instant::now();
    loop {
        let nodes = people.root.get("/infrastructures/production/nodes").await.ok();
        let told = &nodes["items"][0]["report"]["services"][0]["versions"][0];
        let reason = told["reason"].as_str().unwrap_or_default();
        if told["state"] == "disabled" && reason.contains("calibrated wrongly") && reason.ends_with('…') {
            break;
        }
        assert!(begun.elapsed() < PATIENCE, "{nodes:#}\n{}", node.log());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let shown = people.operator.get("/infrastructures/production/deployments/tumour").await.ok();
    assert_eq!(shown["health"]["nodes"][0]["state"], "disabled", "{shown:#}");
    node.stop();
    server.stop();
}
