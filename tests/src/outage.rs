//! A database that goes away and comes back, and rows that cannot be read. The gate never answers "allow" then.

use crate::sql;
use reqwest::Method;
use serde_json::json;
use testkit::{Backend, Options, Reply, Scene, TestServer};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_postgres_is_gone_nothing_is_allowed_and_afterwards_all_goes_on() {
    if Backend::Postgres.is_left_out() {
        return;
    }
    let server = TestServer::start_with(Backend::Postgres, Options { wire: true, ..Options::default() }).await;
    let scene = Scene::set(&server).await;
    let version = scene.approved().await;
    assert_eq!(scene.operator.gate("production", &version).await.ok()["verdict"], "allow");
    let tag = scene.approver.etag(&format!("{}/review", version.path)).await;

    server.wire().cut().await;
    let revoke = scene.approver.command_on(&version, "revoke", json!({"comment": "Outage."}), &tag);
    let health = server.anonymous();
    let (gate, deploy, read, revoke) = tokio::join!(
        scene.operator.gate("production", &version),
        scene.operator.deploy("production/tumour", &version),
        scene.scientist.get(&version.path),
        revoke
    );
    for reply in [gate, deploy, read, revoke] {
        unavailable(reply);
    }

    server.wire().mend().await;
    assert_eq!(scene.operator.gate("production", &version).await.ok()["verdict"], "allow");
    scene.operator.deploy("production/tumour", &version).await.ok();
    let events = scene.root.audit(&format!("version={}", version.name)).await;
    assert!(events.iter().all(|event| event["type"] != "approval.revoked"), "what was answered with an error was not done");
    drop(health);
    server.verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_without_an_answer_is_not_said_to_have_failed() {
    if Backend::Postgres.is_left_out() {
        return;
    }
    let server = TestServer::start(Backend::Postgres).await;
    let root = server.administrator().await;
    // The database breaks off in the very moment of the commit, as when it is stopped.
    for statement in [
        "CREATE FUNCTION break_off() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'stopped' USING ERRCODE = '57P01'; END $$",
        "CREATE CONSTRAINT TRIGGER break_off AFTER INSERT ON events DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION break_off()",
    ] {
        sql::execute(&server.database_url(), statement).await;
    }
    let problem = root.post("/groups", json!({"name": "perhaps"})).await.refused_helpfully(503, "in_doubt");
    assert!(problem["detail"].as_str().unwrap().contains("not known"), "{problem}");
    sql::execute(&server.database_url(), "DROP FUNCTION break_off CASCADE").await;
    root.post("/groups", json!({"name": "perhaps"})).await.ok();
    server.verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_approval_that_cannot_be_read_keeps_no_other_from_ending_on_sqlite() {
    one_approval_that_cannot_be_read_keeps_no_other_from_ending(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_approval_that_cannot_be_read_keeps_no_other_from_ending_on_postgres() {
    if !Backend::Postgres.is_left_out() {
        one_approval_that_cannot_be_read_keeps_no_other_from_ending(Backend::Postgres).await;
    }
}

async fn one_approval_that_cannot_be_read_keeps_no_other_from_ending(backend: Backend) {
    let server = TestServer::start(backend).await;
    let scene = Scene::set(&server).await;
    let mut versions = Vec::new();
    for valid_for in ["1h", "2h"] {
        let version = scene.requested().await;
        scene.approver.command(&version, "decision", json!({"decision": "approve", "valid_for": valid_for})).await.ok();
        versions.push(version);
    }
    let first = "status = 'approved' AND not_after = (SELECT MIN(not_after) FROM rounds)";
    let url = server.database_url();
    sql::execute(&url, &format!("CREATE TABLE saved AS SELECT * FROM rounds WHERE {first}")).await;
    assert_eq!(sql::execute(&url, &format!("UPDATE rounds SET signoff = '{{}}' WHERE {first}")).await, 1);
    server.clock.advance(domain::Duration::from_seconds(7200));
    assert_eq!(server.expire().await, 1);
    assert_eq!(scene.manager.review(&versions[1]).await["status"], "expired");
    let key = "rounds.version_id = saved.version_id AND rounds.number = saved.number";
    sql::execute(&url, &format!("UPDATE rounds SET signoff = saved.signoff FROM saved WHERE {key}")).await;
    sql::execute(&url, "DROP TABLE saved").await;
    assert_eq!(server.expire().await, 1);
    server.verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_postgres_ended_are_replaced() {
    if Backend::Postgres.is_left_out() {
        return;
    }
    let server = TestServer::start(Backend::Postgres).await;
    let scene = Scene::set(&server).await;
    let version = scene.approved().await;
    for _ in 0..3 {
        let ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
        sql::execute(&server.database_url(), ended).await;
        let answer = scene.operator.gate("production", &version).await;
        match answer.status {
            200 => assert_eq!(answer.json["verdict"], "allow"),
            _ => unavailable(answer),
        }
    }
    assert_eq!(scene.operator.gate("production", &version).await.ok()["verdict"], "allow");
    server.verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_understood_is_a_denial_on_sqlite() {
    what_cannot_be_understood_is_a_denial(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_understood_is_a_denial_on_postgres() {
    if !Backend::Postgres.is_left_out() {
        what_cannot_be_understood_is_a_denial(Backend::Postgres).await;
    }
}

async fn what_cannot_be_understood_is_a_denial(backend: Backend) {
    let server = TestServer::start(backend).await;
    let scene = Scene::set(&server).await;
    for damage in [
        "UPDATE rounds SET signoff = '{}'",
        "UPDATE rounds SET signoff = 'approved'",
        "UPDATE rounds SET number = number + 1000000000000",
        "UPDATE projects SET rules = '{\"author_may_approve\": \"perhaps\"}'",
    ] {
        let version = scene.approved().await;
        scene.operator.deploy("production/tumour", &version).await.ok();
        let before = server.log_size().await;
        let saved = "CREATE TABLE saved AS SELECT * FROM";
        let table = damage.split_whitespace().nth(1).unwrap();
        sql::execute(&server.database_url(), &format!("{saved} {table}")).await;
        // What only finds rows would hold on to them.
        sql::execute(&server.database_url(), "CREATE TABLE found_by AS SELECT * FROM round_people").await;
        sql::execute(&server.database_url(), "DELETE FROM round_people").await;
        sql::execute(&server.database_url(), damage).await;
        for infrastructure in ["production", "staging", "test"] {
            fault(scene.operator.gate(infrastructure, &version).await, damage);
            fault(scene.operator.deploy(&format!("{infrastructure}/other"), &version).await, damage);
        }
        assert_eq!(server.log_size().await, before, "{damage}");
        // Put back as it was, it is all as the record says.
        let columns = if table == "rounds" { "signoff = saved.signoff, number = saved.number" } else { "rules = saved.rules" };
        let key = if table == "rounds" {
            "rounds.version_id = saved.version_id AND rounds.revision = saved.revision"
        } else {
            "projects.id = saved.id"
        };
        sql::execute(&server.database_url(), &format!("UPDATE {table} SET {columns} FROM saved WHERE {key}")).await;
        sql::execute(&server.database_url(), "INSERT INTO round_people SELECT * FROM found_by").await;
        for table in ["saved", "found_by"] {
            sql::execute(&server.database_url(), &format!("DROP TABLE {table}")).await;
        }
    }
    server.verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_or_method_that_is_none_is_a_problem_too() {
    let server = TestServer::start(Backend::Sqlite).await;
    let root = server.administrator().await;
    root.get("/no/such/route").await.refused_helpfully(404, "no_such_route");
    root.request(Method::PATCH, "/gate/check").send().await.refused_helpfully(405, "method_not_allowed");
}

/// A fault of the server, and no answer of the gate.
#[track_caller]
fn fault(reply: Reply, damage: &str) {
    assert!(reply.status >= 500, "{damage}: {} gave {}", reply.what, reply.text());
    assert!(reply.json["verdict"].is_null() && reply.json["detail"].is_string(), "{damage}: {}", reply.text());
}

#[track_caller]
fn unavailable(reply: Reply) {
    assert_ne!(reply.header("retry-after"), "", "{}", reply.text());
    reply.refused_helpfully(503, "unavailable");
}
