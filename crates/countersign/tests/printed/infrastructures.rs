//! Infrastructures that choose which approvals they accept.

use crate::transcript::Transcript;

const VERSION: &str = "diagnosis/tumour:1";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_infrastructure_accepts_projects_and_independent_approvals() {
    let mut said = Transcript::begin().await;
    let clinic = ["infra", "create", "clinic", "--stage", "production", "--policy", "prevent"];
    said.run("manager", &[&clinic[..], &["--project", "diagnosis"]].concat());
    said.run("root", &[&clinic[..], &["--project", "diagnose"]].concat());
    said.quietly("root", &["project", "create", "triage", "--name", "Triage"]);
    said.run("root", &[&clinic[..], &["--project", "triage", "--independent-approval"]].concat());
    said.quietly("root", &["infra", "member", "add", "clinic", "operator", "--role", "deployer"]);
    said.quietly("scientist", &["review", "request", VERSION, "--skip-feedback"]);
    said.decide("approver", &["approve", VERSION, "--comment", "Good."]);
    said.run("operator", &["deploy", "clinic/tumour", VERSION]);
    let policy = ["infra", "policy", "clinic", "prevent", "--reason", "Diagnosis joins."];
    said.run("root", &[&policy[..], &["--project", "triage", "--project", "diagnosis", "--dry-run"]].concat());
    said.run("root", &[&policy[..], &["--project", "triage", "--project", "diagnosis"]].concat());
    said.run("operator", &["deploy", "clinic/tumour", VERSION]);
    said.run("root", &[&policy[..], &["--every-project", "--independent-approval", "false"]].concat());
    insta::assert_snapshot!(said);
}
