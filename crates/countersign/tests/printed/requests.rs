//! Commands around a review request: taking it back, reloading reviewers, and naming a step.

use crate::transcript::Transcript;

const VERSION: &str = "diagnosis/tumour:1";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_is_taken_back_while_nobody_has_answered() {
    let mut said = Transcript::begin().await;
    said.run("scientist", &["review", "take-back", VERSION]);
    said.quietly("scientist", &["review", "request", VERSION]);
    said.run("manager", &["review", "take-back", VERSION]);
    said.run("scientist", &["review", "take-back", VERSION]);
    said.run("scientist", &["review", "take-back", VERSION]);
    said.quietly("scientist", &["review", "request", VERSION]);
    said.quietly("itops", &["feedback", "give", VERSION, "--slot", crate::common::scene::IT, "--verdict", "approve"]);
    said.run("scientist", &["review", "take-back", VERSION]);
    insta::assert_snapshot!(said);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reviewers_are_reloaded_when_the_approver_has_left() {
    let mut said = Transcript::begin().await;
    said.quietly("scientist", &["review", "request", VERSION, "--skip-feedback"]);
    said.run("root", &["user", "change", "approver", "--close"]);
    said.run("manager", &["inbox"]);
    let reload = ["review", "reload-reviewers", VERSION, "--comment", "The approver has left."];
    said.run("scientist", &reload);
    said.run("manager", &reload);
    said.quietly("root", &["reviewers", "set", "diagnosis", "--approver", "user:operator"]);
    said.run("manager", &["review", "reload-reviewers", VERSION, "--comment", " "]);
    said.run("manager", &reload);
    insta::assert_snapshot!(said);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_names_its_sign_off() {
    let mut said = Transcript::begin().await;
    said.run("scientist", &["review", "request", VERSION, "--step", "deployment"]);
    said.run("scientist", &["review", "request", VERSION, "--step", "Review"]);
    said.run("scientist", &["review", "request", VERSION, "--step", "review", "--skip-feedback"]);
    said.run("approver", &["approve", VERSION, "--step", "production"]);
    said.quietly("approver", &["review", "show", VERSION, "--step", "review"]);
    said.run("approver", &["approve", VERSION, "--step", "review", "--comment", "Good."]);
    insta::assert_snapshot!(said);
}
