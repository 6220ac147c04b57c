//! Evidence in the hands of others: what the API gives out verifies with programs that nobody here wrote, and fails there as soon
//! as a byte of it is altered.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that panics says where and why, and tells what it did")]

mod common;

#[path = "independent/bundle.rs"]
mod bundle;

use common::scene::Place;
use std::{fs, path::Path, process::Command};

/// Names the Python that has the packages of `tests/requirements.txt`.
const VARIABLE: &str = "COUNTERSIGN_TEST_PYTHON";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn approval_permit_and_inclusion_verify_in_another_implementation() {
    let Some(python) = common::environment(VARIABLE) else {
        assert!(
            common::sqlite_only(),
            "{VARIABLE} is not set: run `cargo xtask test`; COUNTERSIGN_TEST_SQLITE_ONLY=1 leaves this test out"
        );
        return;
    };
    let place = Place::sqlite();
    let server = place.serve();
    let people = place.set(&server).await;
    let model = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/tumour/logistic-regression");
    let [scientist, approver, operator] =
        [&people.scientist, &people.approver, &people.operator].map(|person| place.terminal(person));
    scientist.run(&["version", "create", "diagnosis/tumour", model, "--metric", "auc=0.9985"]).done();
    scientist.run(&["review", "request", "diagnosis/tumour:1", "--skip-feedback"]).done();
    approver.decide(&["approve", "diagnosis/tumour:1", "--comment", "Good enough.", "--valid-for", "180d"]).done();
    let deployed = operator.run(&["deploy", "production/tumour", "diagnosis/tumour:1", "--output", "json"]).done().json();

    let version = "/projects/diagnosis/models/tumour/versions/1";
    let statements = people.scientist.get(&format!("{version}/statements")).await.ok();
    let approval = statements["items"].as_array().unwrap().iter().find(|statement| statement["kind"] == "decision").unwrap();
    let events = people.root.get("/audit?limit=200").await.ok();
    let approved = events["items"].as_array().unwrap().iter().find(|event| event["type"] == "review.approved").unwrap();
    let inclusion = people.root.get(&format!("/log/proof/inclusion?position={}", approved["position"])).await;
    let evidence = place.desk().join("evidence");
    fs::create_dir(&evidence).unwrap();
    for (name, content) in [
        ("key.pem", people.root.get("/public-key").await.bytes),
        ("approval.json", approval["envelope"].to_string().into()),
        ("permit.json", deployed["revision"]["shares"][0]["permit"]["envelope"].to_string().into()),
        ("manifest.json", people.scientist.get(&format!("{version}/manifest")).await.bytes),
        ("digest.txt", people.scientist.get(version).await.ok()["model_digest"].as_str().unwrap().into()),
        ("leaf_position.txt", approved["position"].to_string().into()),
        ("inclusion.json", inclusion.bytes),
    ] {
        fs::write(evidence.join(name), content).unwrap();
    }
    let (good, said) = verify(&python, &evidence);
    assert!(good && said.contains("approval.json: verified") && said.contains("inclusion.json: verified"), "{said}");
    println!("{said}");

    // The verifier itself must not be one that says yes to everything.
    let manifest = fs::read_to_string(evidence.join("manifest.json")).unwrap();
    fs::write(evidence.join("manifest.json"), manifest.replacen("model", "modem", 1)).unwrap();
    assert!(!verify(&python, &evidence).0, "another manifest verifies");
    fs::write(evidence.join("manifest.json"), manifest).unwrap();
    fs::copy(evidence.join("permit.json"), evidence.join("approval.json")).unwrap();
    assert!(!verify(&python, &evidence).0, "a permit passes for an approval");
    server.stop();
}

fn verify(python: &str, evidence: &Path) -> (bool, String) {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/verify_independently.py");
    let output = Command::new(python).arg(script).arg(evidence).output();
    let output = output.unwrap_or_else(|error| panic!("{python} cannot be run: {error}"));
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}
