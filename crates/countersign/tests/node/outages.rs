//! Server gone, node gone, disk full: what was verified goes on until its permits end, and nothing else ever starts.

use crate::common::{
    environment,
    node::{NodeOptions, patients},
    scene::Place,
    serve::Serve,
};
use reqwest::Method;
use serde_json::json;
use std::{fs, process::Command};

/// Set to 1 to run the tests without root, and to leave out what needs root.
const WITHOUT_ROOT: &str = "COUNTERSIGN_TEST_WITHOUT_ROOT";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_goes_on_and_starts_again_without_its_server() {
    let place = Place::sqlite();
    let mut server = place.serve();
    let people = place.set(&server).await;
    let options = NodeOptions::of(&place, &server, &people).await;
    let mut node = options.start();
    let inputs = patients();
    let version = people.approved(&place, "logistic-regression");
    people.deploy(version).await.ok();
    node.until("tumour", &inputs, |answer| answer.is_from(version)).await;
    server.kill();
    for _ in 0..20 {
        assert!(node.predict("tumour", &inputs).await.is_from(version));
    }
    node.kill();
    drop(node);
    let node = options.start();
    node.until("tumour", &inputs, |answer| answer.is_from(version)).await;

    // And follows it again when it is back, at the same address.
    let listen = server.url.trim_start_matches("http://").to_owned();
    let back = Serve::spawn(
        crate::common::serve::command(&[])
            .args(["serve", "--listen", &listen, "--database", place.database.url(), "--data"])
            .arg(place.data()),
    )
    .ready();
    let next = people.approved(&place, "gradient-boosting");
    people.deploy(next).await.ok();
    node.until("tumour", &inputs, |answer| answer.is_from(next)).await;
    node.stop();
    back.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_version_ends_with_its_permit_also_without_the_server() {
    let place = Place::sqlite();
    let mut server = place.serve();
    let people = place.set(&server).await;
    let options = NodeOptions::of(&place, &server, &people).await;
    let node = options.start();
    let inputs = patients();
    let version = people.registered(&place, "logistic-regression");
    let name = format!("diagnosis/tumour:{version}");
    place.terminal(&people.scientist).run(&["review", "request", &name, "--skip-feedback"]).done();
    // A permit ends with the approval that it rests on.
    place.terminal(&people.approver).decide(&["approve", &name, "--comment", "For now.", "--valid-for", "8s"]).done();
    people.deploy(version).await.ok();
    node.until("tumour", &inputs, |answer| answer.is_from(version)).await;
    server.kill();
    assert!(node.predict("tumour", &inputs).await.is_from(version), "the permit still holds");
    let ended = node.until("tumour", &inputs, |answer| answer.status == 503).await;
    assert!(ended.reason().contains("permit"), "{ended:#?}");
    drop(node);
    let again = options.start();
    let refused = again.until("tumour", &inputs, |answer| answer.reason().contains("permit has ended")).await;
    assert_eq!(refused.status, 503, "{refused:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_killed_in_the_middle_of_a_switch_leaves_one_whole_revision() {
    let place = Place::sqlite();
    let mut server = place.serve();
    let people = place.set(&server).await;
    let options = NodeOptions::of(&place, &server, &people).await;
    let node = options.start();
    let inputs = patients();
    let versions = [people.approved(&place, "logistic-regression"), people.approved(&place, "gradient-boosting")];
    people.deploy(versions[0]).await.ok();
    node.until("tumour", &inputs, |answer| answer.is_from(versions[0])).await;
    let body = json!({"shares": [{"version": format!("diagnosis/tumour:{}", versions[1])}]});
    // Whether the answer still comes is a matter of luck; what the node serves is not.
    let path = "/infrastructures/production/deployments/tumour";
    let deploying = people.operator.try_ask(Method::POST, path, Some(&body), None);
    let (asked, ()) = tokio::join!(deploying, async { server.kill() });
    let answers = [(); 50].map(|()| node.predict("tumour", &inputs));
    for answer in answers {
        let answer = answer.await;
        assert!(versions.iter().any(|version| answer.is_from(*version)), "{asked:?} {answer:#?}");
    }
    let listen = server.url.trim_start_matches("http://").to_owned();
    let back = Serve::spawn(
        crate::common::serve::command(&[])
            .args(["serve", "--listen", &listen, "--database", place.database.url(), "--data"])
            .arg(place.data()),
    )
    .ready();
    let shown = people.operator.get(path).await.ok();
    let in_force = shown["revision"]["number"].as_u64().unwrap();
    node.until("tumour", &inputs, |answer| answer.status == 200 && answer.revision == in_force).await;
    back.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_keeps_nobody_from_predictions() {
    let place = Place::sqlite();
    let server = place.serve();
    let people = place.set(&server).await;
    let options = NodeOptions::of(&place, &server, &people).await;
    fs::create_dir_all(&options.cache).unwrap();
    let mounted =
        Command::new("mount").args(["-t", "tmpfs", "-o", "size=64k,mode=700", "small"]).arg(&options.cache).output().unwrap();
    if !mounted.status.success() {
        let asked = environment(WITHOUT_ROOT).is_some_and(|value| value == "1");
        assert!(asked, "a small disk can only be mounted as root: {mounted:?}; to leave this test out, set {WITHOUT_ROOT}=1");
        println!("not tested: a small disk can only be mounted as root");
        return;
    }
    let node = options.start();
    fs::write(options.cache.join("filler"), vec![7; 60 << 10]).ok();
    let version = people.approved(&place, "random-forest");
    people.deploy(version).await.ok();
    let answer = node.until("tumour", &patients(), |answer| answer.status == 200).await;
    assert!(answer.is_from(version));
    assert!(node.log().contains("cannot start without its server"), "it says so: {}", node.log());
    node.stop();
    assert!(Command::new("umount").arg("--lazy").arg(&options.cache).status().unwrap().success());
    server.stop();
}
