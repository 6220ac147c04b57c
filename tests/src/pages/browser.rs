//! A review in headless Chromium, driven by `tests/browser/review.mjs`: with JavaScript and without, with what axe finds on the way.
//! `cargo xtask test` says where Chromium is; without that the test is left out.

use serde_json::json;
use std::{path::Path, process::Command};
use testkit::{Backend, PASSWORD, Scene, TestServer};

#[expect(clippy::disallowed_methods, reason = "what cargo xtask test tells")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_review_in_a_browser() {
    let Some(browser) = variable("COUNTERSIGN_TEST_BROWSER") else { return };
    let node = variable("COUNTERSIGN_TEST_NODE").expect("cargo xtask test says where the packages of Node are");
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
    let task = json!({
        "url": server.url, "password": PASSWORD, "versions": [first.path, second.path],
        "node": node, "browser": browser, "shots": variable("COUNTERSIGN_TEST_SHOTS"),
    });
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("browser/review.mjs");
    let run = tokio::task::spawn_blocking(move || {
        Command::new("node").arg(script).env("COUNTERSIGN_BROWSER_TEST", task.to_string()).output().expect("node can be started")
    });
    let output = run.await.unwrap();
    assert!(output.status.success(), "{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    for (version, status) in [(&first, "approved"), (&second, "rejected")] {
        let review = scene.root.get(&format!("{}/review", version.path)).await.ok();
        assert_eq!(review["status"], status, "{review}");
    }
    server.verify().await;
}
