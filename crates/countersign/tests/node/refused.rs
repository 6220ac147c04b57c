//! What a node never serves: what another key signed, what was not approved where it insists on that, and anything without a library.

use crate::common::{
    node::{NodeOptions, patients},
    scene::Place,
};
use serde_json::json;
use std::fs;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_permit_of_another_server_lets_nothing_in() {
    let place = Place::sqlite();
    let server = place.serve();
    let people = place.set(&server).await;
    let version = people.approved(&place, "logistic-regression");
    people.deploy(version).await.ok();
    let options = NodeOptions::of(&place, &server, &people).await;
    // The key of a server that somebody else runs, beside the key of this server's log.
    let other = Place::sqlite();
    let other_server = other.serve();
    let [own, theirs] = [&place, &other].map(|place| place.admin(&["public-key"]).done().stdout);
    let (own, theirs) = (own.split_once("-----BEGIN").unwrap(), theirs.split_once("-----BEGIN").unwrap());
    fs::write(&options.trust, format!("{}-----BEGIN{}", own.0, theirs.1)).unwrap();
    let node = options.start();
    let answer = node.until("tumour", &patients(), |answer| answer.status == 503).await;
    assert!(answer.reason().contains("not signed by key"), "{answer:#?}");
    let health = people.root.get("/infrastructures/production/deployments/tumour").await.ok()["health"].clone();
    assert_ne!(health["status"], "healthy");
    node.stop();
    other_server.stop();
    server.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_can_insist_on_approvals() {
    let place = Place::sqlite();
    let server = place.serve();
    let people = place.set(&server).await;
    let version = people.registered(&place, "logistic-regression");
    let shares = json!({"shares": [{"version": format!("diagnosis/tumour:{version}")}]});
    people.operator.post("/infrastructures/test/deployments/tumour", shares).await.ok();
    let lenient = NodeOptions::for_infra(&place, &server, &people, "test", "lenient").await.start();
    let strict = NodeOptions::for_infra(&place, &server, &people, "test", "strict").await.with(&["--require-approved"]).start();
    let answer = lenient.until("tumour", &patients(), |answer| answer.status == 200).await;
    assert_eq!(answer.approved, "false", "it says so with each answer");
    let answer = strict.until("tumour", &patients(), |answer| answer.status == 503).await;
    assert!(answer.reason().contains("not let in as approved"), "{answer:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_right_library_a_node_starts_says_so_and_serves_nothing() {
    let place = Place::sqlite();
    let server = place.serve();
    let people = place.set(&server).await;
    let version = people.approved(&place, "logistic-regression");
    people.deploy(version).await.ok();
    let options = NodeOptions::of(&place, &server, &people).await;
    let altered = place.desk().join("altered.so");
    let mut bytes = fs::read(&options.library).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&altered, bytes).unwrap();
    for (library, why) in [(altered, "sha-256"), (place.desk().join("missing.so"), "missing.so")] {
        let node = NodeOptions { library, ..options.clone() }.start();
        let ready = node.get("/v2/health/ready").await;
        assert_eq!((ready.status, ready.json["ready"].as_bool()), (503, Some(false)), "{}", node.log());
        assert_eq!(node.get("/v2/health/live").await.status, 200);
        // Until the node has tried the library, it answers that the version is starting, with this status too.
        let answer = node.until("tumour", &patients(), |answer| answer.reason().to_lowercase().contains(why)).await;
        assert_eq!(answer.status, 503, "{answer:#?}");
        assert!(node.log().to_lowercase().contains(why), "{}", node.log());
        node.stop();
    }
    server.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hostile_model_is_never_served_and_the_deployer_hears_why() {
    let place = Place::sqlite();
    let server = place.serve();
    let people = place.set(&server).await;
    let node = NodeOptions::of(&place, &server, &people).await.start();
    let good = people.approved(&place, "logistic-regression");
    people.deploy(good).await.ok();
    node.until("tumour", &patients(), |answer| answer.is_from(good)).await;
    fs::create_dir(place.desk().join("truncated")).unwrap();
    let model = fs::read(format!("{}/../../examples/tumour/logistic-regression/model.onnx", env!("CARGO_MANIFEST_DIR"))).unwrap();
    fs::write(place.desk().join("truncated/model.onnx"), &model[..model.len() / 2]).unwrap();
    let bad = people.registered_from(&place, place.desk().join("truncated").to_str().unwrap());
    people.approve(&place, bad);
    let name = format!("diagnosis/tumour:{bad}");
    let run = place.terminal(&people.operator).run(&["deploy", "production/tumour", &name, "--wait", "--timeout", "60s"]);
    assert_eq!(run.code, 1, "{run:#?}");
    assert!(run.stderr.contains("the model is refused"), "{run:#?}");
    let answer = node.predict("tumour", &patients()).await;
    assert!(answer.is_from(good), "the revision before goes on: {answer:#?}");
    node.stop();
    server.stop();
}
