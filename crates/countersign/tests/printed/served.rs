//! Commands on an approved version that is in service: renewal, reset, retirement.

use crate::transcript::Transcript;
use serde_json::json;

const VERSION: &str = "diagnosis/tumour:1";

/// Version 1 is approved and in service.
async fn in_service() -> Transcript {
    let said = Transcript::begin().await;
    said.quietly("scientist", &["review", "request", VERSION, "--skip-feedback"]);
    said.decide("approver", &["approve", VERSION, "--comment", "Good."]);
    said.quietly("operator", &["deploy", "production/tumour", VERSION]);
    said
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_renewal_leaves_the_service_in_service() {
    let mut said = Transcript::begin().await;
    said.run("scientist", &["review", "renew", VERSION]);
    said.quietly("scientist", &["review", "request", VERSION, "--skip-feedback"]);
    said.decide("approver", &["approve", VERSION, "--comment", "Good."]);
    said.quietly("operator", &["deploy", "production/tumour", VERSION]);
    said.run("approver", &["review", "renew", VERSION]);
    said.run("scientist", &["review", "renew", VERSION, "--skip-feedback"]);
    said.run("approver", &["review", "show", VERSION]);
    said.run("approver", &["approve", VERSION, "--comment", "Still good."]);
    said.run("operator", &["deployment", "show", "production/tumour"]);
    insta::assert_snapshot!(said);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reset_names_the_services_beforehand() {
    let mut said = in_service().await;
    let reset = ["review", "reset", VERSION, "--comment", "Measured wrongly."];
    said.run("scientist", &[&reset[..], &["--dry-run"]].concat());
    said.run("manager", &["review", "reset", VERSION, "--dry-run"]);
    said.run("manager", &[&reset[..], &["--dry-run"]].concat());
    let token = said.people.manager.post("/tokens", json!({"expires_in": "1d"})).await.ok();
    let program = said.people.manager.with_token("manager", token["token"].as_str().unwrap());
    said.run_as_program(&program, &reset);
    said.run_with("manager", &[&reset[..], &["--password-stdin"]].concat(), "not the password\n");
    said.run("manager", &reset);
    insta::assert_snapshot!(said);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_retired_version_is_taken_back() {
    let mut said = in_service().await;
    let retire = ["version", "retire", VERSION, "--comment", "Superseded by version 2."];
    said.run("scientist", &retire);
    said.run("manager", &["version", "retire", VERSION, "--comment", " "]);
    said.run("manager", &retire);
    said.run("manager", &["version", "list", "diagnosis/tumour"]);
    said.run("manager", &["version", "list", "diagnosis/tumour", "--retired"]);
    said.run("operator", &["gate", "--infra", "production", VERSION]);
    said.run("scientist", &["review", "renew", VERSION]);
    said.run("manager", &["version", "restore", VERSION, "--comment", "Still needed."]);
    said.run("manager", &["version", "restore", VERSION, "--comment", "Still needed."]);
    insta::assert_snapshot!(said);
}
