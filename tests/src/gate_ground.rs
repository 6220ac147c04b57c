//! The ground on which the gate stands: signed decisions, the time of the last event, and tables that are there. Whoever asks gets
//! one answer: the gate, the deployer, the renewal of permits and the nodes.

use crate::sql;
use domain::Duration;
use reqwest::Method;
use serde_json::json;
use std::fs;
use testkit::{Backend, Reply, Scene, TestServer, both};

const HOUR: u32 = 3600;

/// An approval of two hours in service on `strict`, which takes versions out of service.
async fn served_for_two_hours(scene: &Scene) -> testkit::Version {
    let strict =
        json!({"name": "strict", "stage": "production", "policy": "prevent", "on_lapse": "disable", "permit_valid_for": "1h"});
    scene.root.post("/infrastructures", strict).await.ok();
    scene.root.put("/infrastructures/strict/members/operator", json!({"role": "deployer"})).await.ok();
    let version = scene.requested().await;
    scene.approver.command(&version, "decision", json!({"decision": "approve", "valid_for": "2h"})).await.ok();
    scene.operator.deploy("strict/tumour", &version).await.ok();
    version
}

#[track_caller]
fn denied(reply: Reply, lack: &str) {
    let answer = reply.ok();
    assert_eq!((&answer["verdict"], &answer["reasons"][0]["lack"]), (&json!("deny"), &json!(lack)), "{answer}");
}

/// A denial, or an error: the seals find some of these deeds before the signed decisions do.
#[track_caller]
fn not_allowed(reply: Reply) {
    assert!(reply.status >= 500 || reply.json["verdict"] == "deny", "{} gave {}", reply.what, reply.text());
}

/// An error, and no answer.
#[track_caller]
fn fault(reply: Reply) {
    assert!(reply.status >= 500, "{} gave {}", reply.what, reply.text());
    assert!(reply.json["verdict"].is_null() && reply.json["detail"].is_string(), "{}", reply.text());
}

/// The row from before a revocation, with the seal that the server gave it then: only the signed revocation tells.
async fn an_approval_that_was_put_back_serves_nobody(backend: Backend) {
    let server = TestServer::start(backend).await;
    let scene = Scene::set(&server).await;
    let version = served_for_two_hours(&scene).await;
    let node = server.node("node-1", "strict").await;
    assert_eq!(node.serving("strict").await["services"][0]["shares"][0]["standing"], "in_policy");
    sql::execute(&server.database_url(), "CREATE TABLE kept AS SELECT * FROM rounds").await;
    scene.approver.revoke(&version).await.ok();
    let put_back =
        "UPDATE rounds SET status = kept.status, not_after = kept.not_after, signoff = kept.signoff, revision = kept.revision,
        changed_at = kept.changed_at, seal = kept.seal FROM kept WHERE kept.version_id = rounds.version_id";
    assert_eq!(sql::execute(&server.database_url(), put_back).await, 1);
    // What was read before is remembered until the next event.
    scene.root.post("/groups", json!({"name": "later"})).await;
    not_allowed(scene.operator.gate("strict", &version).await);
    let deployed = scene.operator.deploy("strict/other", &version).await;
    assert!(deployed.status >= 400, "{}", deployed.text());
    let told = node.get("/infrastructures/strict/serving").await;
    let standing = &told.json["services"][0]["shares"][0]["standing"];
    assert!(told.status >= 500 || standing == "disabled", "{}", told.text());
    let shown = scene.operator.get("/infrastructures/strict/deployments/tumour").await;
    assert!(shown.status >= 500 || shown.json["standing"] == "disabled", "{}", shown.text());
}

/// The row of a rejected renewal is taken away: the approval that it ended must not come back.
async fn a_later_decision_counts_without_its_row(backend: Backend) {
    let server = TestServer::start(backend).await;
    let scene = Scene::set(&server).await;
    let version = served_for_two_hours(&scene).await;
    scene.scientist.command(&version, "renew", json!({"skip_feedback": true})).await.ok();
    scene.approver.reject(&version).await.ok();
    for deed in ["DELETE FROM round_people WHERE number = 2", "DELETE FROM rounds WHERE number = 2"] {
        assert!(sql::execute(&server.database_url(), deed).await > 0, "{deed}");
    }
    scene.root.post("/groups", json!({"name": "later"})).await;
    not_allowed(scene.operator.gate("strict", &version).await);
    let deployed = scene.operator.deploy("strict/tumour", &version).await;
    assert!(deployed.status >= 400, "{}", deployed.text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_later_decision_counts_without_its_row_on_sqlite() {
    a_later_decision_counts_without_its_row(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_later_decision_counts_without_its_row_on_postgres() {
    if !Backend::Postgres.is_left_out() {
        a_later_decision_counts_without_its_row(Backend::Postgres).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_approval_that_was_put_back_serves_nobody_on_sqlite() {
    an_approval_that_was_put_back_serves_nobody(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_approval_that_was_put_back_serves_nobody_on_postgres() {
    if !Backend::Postgres.is_left_out() {
        an_approval_that_was_put_back_serves_nobody(Backend::Postgres).await;
    }
}

both! {
    async fn a_clock_that_is_set_back_brings_no_approval_back(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = served_for_two_hours(&scene).await;
        let node = server.node("node-1", "strict").await;
        server.clock.advance(Duration::from_seconds(3 * HOUR));
        denied(scene.operator.gate("strict", &version).await, "past_its_end");
        scene.root.post("/groups", json!({"name": "later"})).await.ok();
        server.clock.set_back(Duration::from_seconds(2 * HOUR));
        denied(scene.operator.gate("strict", &version).await, "past_its_end");
        let by_digest = json!({"infrastructure": "strict", "digest": version.digest});
        denied(scene.operator.post("/gate/check", by_digest).await, "past_its_end");
        scene.operator.deploy("strict/other", &version).await.refused(403, "denied_by_policy");
        assert_eq!(scene.operator.deployment("strict/tumour").await["standing"], "disabled");
        assert_eq!(node.serving("strict").await["services"][0]["shares"][0]["standing"], "disabled");
        assert_eq!(server.renew().await, 0);
        // A server that has only just started knows no earlier answer.
        let beside = server.beside().await;
        denied(beside.as_seen_by(&scene.operator).gate("strict", &version).await, "past_its_end");
        beside.end().await;
        // No event is dated before the one that it follows.
        let events = scene.root.audit("").await;
        assert!(events.is_sorted_by_key(|event| event["at"].as_str().unwrap().to_owned()), "{events:#?}");
        assert_eq!(server.expire().await, 1);
        // The clock is right again before the store is verified: no event is still to come.
        server.clock.advance(Duration::from_seconds(2 * HOUR));
    }
}

/// SQLite writes the text of a table anew when the table is renamed, so the schema is not what it was after this.
async fn no_remembered_answer_outlives_its_tables(backend: Backend) {
    let server = TestServer::start(backend).await;
    let scene = Scene::set(&server).await;
    let version = scene.approved().await;
    scene.operator.deploy("production/tumour", &version).await.ok();
    for table in ["rounds", "statements", "versions", "projects", "infrastructure_members", "users", "shares", "events"] {
        assert_eq!(scene.operator.gate("production", &version).await.ok()["verdict"], "allow");
        sql::execute(&server.database_url(), &format!("ALTER TABLE {table} RENAME TO gone")).await;
        fault(scene.operator.gate("production", &version).await);
        sql::execute(&server.database_url(), &format!("ALTER TABLE gone RENAME TO {table}")).await;
    }
    assert_eq!(scene.operator.gate("production", &version).await.ok()["verdict"], "allow");
    // A table that was emptied is asked anew.
    for deed in ["CREATE TABLE saved AS SELECT * FROM infrastructure_members", "DELETE FROM infrastructure_members"] {
        sql::execute(&server.database_url(), deed).await;
    }
    scene.operator.gate("production", &version).await.refused(404, "not_found");
    sql::execute(&server.database_url(), "INSERT INTO infrastructure_members SELECT * FROM saved").await;
    sql::execute(&server.database_url(), "DROP TABLE saved").await;
    assert_eq!(scene.operator.gate("production", &version).await.ok()["verdict"], "allow");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_remembered_answer_outlives_its_tables_on_sqlite() {
    no_remembered_answer_outlives_its_tables(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_remembered_answer_outlives_its_tables_on_postgres() {
    if !Backend::Postgres.is_left_out() {
        no_remembered_answer_outlives_its_tables(Backend::Postgres).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_file_that_is_gone_or_another_one_answers_nothing() {
    let server = TestServer::start(Backend::Sqlite).await;
    let scene = Scene::set(&server).await;
    let version = scene.approved().await;
    let file = server.database_url().strip_prefix("sqlite:").unwrap().to_owned();
    let (aside, copy) = (format!("{file}.aside"), format!("{file}.copy"));
    assert_eq!(scene.operator.gate("production", &version).await.ok()["verdict"], "allow");
    let nothing_goes = async || {
        fault(scene.operator.gate("production", &version).await);
        scene.operator.deploy("production/tumour", &version).await.refused_helpfully(503, "unavailable");
        scene.approver.request(Method::GET, &version.path).send().await.refused_helpfully(503, "unavailable");
    };
    fs::copy(&file, &copy).unwrap();
    fs::rename(&file, &aside).unwrap();
    nothing_goes().await;
    fs::rename(&copy, &file).unwrap();
    nothing_goes().await;
    fs::rename(&aside, &file).unwrap();
    assert_eq!(scene.operator.gate("production", &version).await.ok()["verdict"], "allow");
    scene.operator.deploy("production/tumour", &version).await.ok();
    server.verify().await;
}
