//! The pages in headless Chromium, driven by the scripts in `tests/browser`: with JavaScript and without, with what axe finds on the way.
//! `cargo xtask test` says where Chromium is; without that these tests are left out.

use reqwest::Method;
use serde_json::{Value, json};
use std::{path::Path, process::Command};
use testkit::{Backend, PASSWORD, Scene, TestServer};

#[expect(clippy::disallowed_methods, reason = "what cargo xtask test tells")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Runs a script of `tests/browser` with what it is to do.
async fn drive(server: &TestServer, script: &str, mut task: Value) {
    let browser = variable("COUNTERSIGN_TEST_BROWSER");
    let node = variable("COUNTERSIGN_TEST_NODE").expect("cargo xtask test says where the packages of Node are");
    task["url"] = json!(server.url);
    task["password"] = json!(PASSWORD);
    task["node"] = json!(node);
    task["browser"] = json!(browser);
    task["shots"] = json!(variable("COUNTERSIGN_TEST_SHOTS"));
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("browser").join(script);
    let run = tokio::task::spawn_blocking(move || {
        Command::new("node").arg(script).env("COUNTERSIGN_BROWSER_TEST", task.to_string()).output().expect("node can be started")
    });
    let output = run.await.unwrap();
    assert!(output.status.success(), "{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_review_in_a_browser() {
    if variable("COUNTERSIGN_TEST_BROWSER").is_none() {
        return;
    }
    let server = TestServer::start(Backend::Sqlite).await;
    let scene = Scene::set(&server).await;
    let fields = json!({
        "metrics": {"auc": 0.974, "sensitivity": 0.912, "a_metric_with_a_long_name_that_goes_on_and_on": 1.5},
        "params": {"max_depth": "8", "class_weight": "0: 1.0, 1: 1.8"},
        "notes": "Trained on the February extract.\n\nKnown limits: patients under 40.",
        "source": {"data": "histology-2026-02", "commit": "a41c9e2"},
    });
    let first = scene.version_of(testkit::TINY, fields).await;
    let second = scene.version().await;
    scene.scientist.command(&second, "request", json!({})).await.ok();
    drive(&server, "review.mjs", json!({"versions": [first.path, second.path]})).await;
    for (version, status) in [(&first, "approved"), (&second, "rejected")] {
        let review = scene.root.get(&format!("{}/review", version.path)).await.ok();
        assert_eq!(review["status"], status, "{review}");
    }
    server.verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_others_do_arrives_on_open_pages() {
    if variable("COUNTERSIGN_TEST_BROWSER").is_none() {
        return;
    }
    let server = TestServer::start(Backend::Sqlite).await;
    let scene = Scene::set(&server).await;
    let version = scene.version().await;
    drive(&server, "live.mjs", json!({"versions": [version.path]})).await;
    let review = scene.root.get(&format!("{}/review", version.path)).await.ok();
    assert_eq!(review["status"], "waiting_for_feedback", "{review}");
    server.verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn record_and_administration_in_a_browser() {
    if variable("COUNTERSIGN_TEST_BROWSER").is_none() {
        return;
    }
    let server = TestServer::start(Backend::Sqlite).await;
    let scene = Scene::set(&server).await;
    server.person_as("auditor", "auditor").await;
    let version = scene.version_of(testkit::TINY, json!({"metrics": {"auc": 0.97}, "notes": "First."})).await;
    scene
        .scientist
        .change(Method::PATCH, &version.path, json!({"metrics": {"auc": 0.91}, "notes": "Long. ".repeat(1_500)}))
        .await
        .ok();
    let rules = json!({"author_may_approve": true, "reason": "=1+1 <script>alert(1)</script> \u{202e}thgir"});
    scene.manager.change(Method::PATCH, "/projects/diagnosis", rules).await.ok();
    scene.approved().await;
    drive(&server, "administration.mjs", json!({"version": format!("diagnosis/tumour:{}", version.number)})).await;
    assert_eq!(scene.root.get("/users/newcomer").await.ok()["active"], true);
    assert_eq!(scene.root.get("/groups/ethics").await.ok()["members"], json!([]));
    server.verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lighthouse_finds_nothing_on_the_main_pages() {
    if variable("COUNTERSIGN_TEST_BROWSER").is_none() {
        return;
    }
    let server = TestServer::start(Backend::Sqlite).await;
    let scene = Scene::set(&server).await;
    let served = scene.approved().await;
    scene.operator.deploy("production/tumour", &served).await.ok();
    let open = scene.requested().await;
    let pages = json!(["/", "/projects/diagnosis", open.path, "/infrastructures"]);
    drive(&server, "lighthouse.mjs", json!({"pages": pages})).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deployments_in_a_browser() {
    if variable("COUNTERSIGN_TEST_BROWSER").is_none() {
        return;
    }
    let server = TestServer::start(Backend::Sqlite).await;
    let scene = Scene::set(&server).await;
    let (approved, open, lapsed) = (scene.approved().await, scene.requested().await, scene.approved().await);
    scene.operator.deploy("test/tumour", &lapsed).await.ok();
    scene.approver.command(&lapsed, "revoke", json!({"comment": "Drift on new scanners. <b>\u{202e}"})).await.ok();
    let task = json!({"approved": approved.name, "open": open.name, "lapsed": approved.path});
    drive(&server, "deploy.mjs", task).await;
    let production = scene.operator.deployment("production/tumour").await;
    assert_eq!(production["revision"]["shares"][0]["version"], approved.name.as_str(), "{production}");
    let staging = scene.operator.deployment("staging/tumour").await;
    assert_eq!(staging["revision"]["acknowledgement"], "Load test, no patients.", "{staging}");
    assert_eq!(scene.operator.deployment("test/tumour").await["standing"], "stopped");
    server.verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn registering_in_a_browser() {
    if variable("COUNTERSIGN_TEST_BROWSER").is_none() {
        return;
    }
    let server = TestServer::start(Backend::Sqlite).await;
    let scene = Scene::set(&server).await;
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/models/linear/model.onnx");
    drive(&server, "register.mjs", json!({"model": model})).await;
    let first = scene.scientist.get("/projects/diagnosis/models/tumour/versions/1").await.ok();
    assert_eq!((&first["files"], &first["fields"]["metrics"]), (&json!(4), &json!({"auc": 0.97, "recall": 0.9})), "{first}");
    let second = scene.scientist.get("/projects/diagnosis/models/tumour/versions/2").await.ok();
    assert_eq!(second["fields"]["metrics"], json!({"auc": 0.98}), "{second}");
    scene.root.get("/projects/credit/models/default").await.ok();
    server.verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acts_on_a_review_in_a_browser() {
    if variable("COUNTERSIGN_TEST_BROWSER").is_none() {
        return;
    }
    let server = TestServer::start(Backend::Sqlite).await;
    let scene = Scene::set(&server).await;
    let (open, abandoned) = (scene.requested().await, scene.requested().await);
    scene.approver.command(&abandoned, "abandon", json!({"comment": "Not needed."})).await.ok();
    let (approved, renewable) = (scene.approved().await, scene.approved().await);
    scene.operator.deploy("production/tumour", &approved).await.ok();
    let reviewers = json!({"slots": [], "approvers": ["user:approver", "user:business"]});
    scene.manager.change(Method::PUT, "/projects/diagnosis/reviewers", reviewers).await.ok();
    let paths = json!({"open": open.path, "abandoned": abandoned.path, "approved": approved.path, "renewable": renewable.path});
    drive(&server, "acts.mjs", paths).await;
    assert_eq!(scene.root.get(&format!("{}/review", approved.path)).await.ok()["status"], "revoked");
    server.verify().await;
}
