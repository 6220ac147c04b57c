//! Reports of nodes: stored as sent, bounded, removed in time; and the health that follows from them.

use super::report;
use domain::Duration;
use serde_json::{Value, json};
use testkit::{Client, Scene, TestServer, both};

/// The word, and the state of each node.
async fn health(operator: &Client) -> (String, Vec<String>) {
    let health = operator.deployment("production/tumour").await["health"].clone();
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    let nodes = health["nodes"].as_array().unwrap();
    (word(&health["status"]), nodes.iter().map(|node| format!("{} {}", word(&node["node"]), word(&node["state"]))).collect())
}

both! {
    async fn health_follows_the_reports(server: &TestServer) {
        let scene = Scene::set(server).await;
        let node = server.node("node-1", "production").await;
        let (first, second) = (scene.approved().await, scene.approved().await);
        let deployed = scene.operator.deploy("production/tumour", &first).await.ok();
        assert_eq!(deployed["health"]["status"], "unknown");
        assert_eq!(deployed["health"]["reason"], "no node has reported: start one");

        let say = async |name: &str, report: Value| drop(node.report("production", name, report).await.ok());
        let is = async |status: &str, nodes: &[&str]| {
            let expected = (status.to_owned(), nodes.iter().map(|node| (*node).to_owned()).collect::<Vec<_>>());
            assert_eq!(health(&scene.operator).await, expected);
        };
        let size = server.log_size().await;
        say("n1", report(1, &[(&first, "starting")])).await;
        is("starting", &["n1 starting"]).await;
        say("n1", report(1, &[(&first, "serving")])).await;
        is("healthy", &["n1 serving"]).await;
        say("n2", report(1, &[(&first, "failed")])).await;
        is("degraded", &["n1 serving", "n2 failed"]).await;
        let shown = scene.operator.deployment("production/tumour").await["health"].clone();
        assert_eq!(shown["reason"], "n2 is failed: diagnosis/tumour:1: it asks for a gigabyte");
        let n2 = &shown["nodes"][1];
        assert_eq!((&n2["url"], &n2["revision"]), (&json!("http://127.0.0.1:8701"), &json!(1)));
        assert_eq!(server.log_size().await, size, "reports are not part of the record");

        scene.operator.deploy("production/tumour", &second).await.ok();
        say("n2", report(2, &[(&second, "serving")])).await;
        is("starting", &["n1 starting", "n2 serving"]).await;
        server.clock.advance(Duration::from_seconds(60));
        say("n1", report(1, &[(&first, "serving")])).await;
        say("n2", report(2, &[(&second, "serving")])).await;
        is("out_of_sync", &["n1 out_of_sync", "n2 serving"]).await;
        // After 15 seconds without a word a node counts no more.
        server.clock.advance(Duration::from_seconds(14));
        is("out_of_sync", &["n1 out_of_sync", "n2 serving"]).await;
        say("n2", report(2, &[(&second, "serving")])).await;
        server.clock.advance(Duration::from_seconds(1));
        is("healthy", &["n1 lost", "n2 serving"]).await;
        let listed = scene.operator.get("/infrastructures/production/deployments").await.ok();
        assert_eq!(listed["items"][0]["health"]["status"], "healthy");
        let nodes = scene.operator.get("/infrastructures/production/nodes").await.ok();
        let alive: Vec<_> = nodes["items"].as_array().unwrap().iter().map(|node| (&node["node"], &node["alive"])).collect();
        assert_eq!(alive, [(&json!("n1"), &json!(false)), (&json!("n2"), &json!(true))]);
        assert_eq!(nodes["items"][1]["report"], report(2, &[(&second, "serving")]), "as it said it");

        scene.approver.revoke(&second).await.ok();
        is("out_of_policy", &["n1 lost", "n2 serving"]).await;
        scene.operator.stop("production/tumour").await.ok();
        is("stopped", &["n1 lost", "n2 starting"]).await;
        say("n2", report(3, &[])).await;
        is("stopped", &["n1 lost", "n2 stopped"]).await;

        // A day later the list is tidied up.
        server.clock.advance(Duration::from_days(1));
        say("n2", report(3, &[])).await;
        app::upkeep::clean_up(&server.app).await.unwrap();
        is("stopped", &["n2 stopped"]).await;
    }

    async fn a_report_beyond_the_bounds_is_refused(server: &TestServer) {
        let scene = Scene::set(server).await;
        let node = server.node("node-1", "production").await;
        let version = scene.version().await;
        let good = report(1, &[(&version, "serving")]);
        let with = |pointer: &str, value: Value| {
            let mut report = good.clone();
            *report.pointer_mut(pointer).unwrap() = value;
            report
        };
        let service = |revision: u32| json!({"service": "tumour", "revision": revision, "versions": []});
        let versions = |count: usize| Value::Array(vec![good["services"][0]["versions"][0].clone(); count]);
        for (pointer, value) in [
            ("/url", json!("http://node/'; rm -rf ~ '")),
            ("/url", json!("javascript:alert(1)")),
            ("/url", json!(format!("http://{}", "a".repeat(500)))),
            ("/software", json!("x".repeat(201))),
            ("/engine/name", json!("x".repeat(201))),
            ("/engine/sha256", json!("abc")),
            ("/problem", json!("x".repeat(2001))),
            ("/started_at", json!("yesterday")),
            ("/services", Value::Array((0..1001).map(service).collect())),
            ("/services/0/versions", versions(4001)),
            ("/services/0/service", json!("../etc")),
            ("/services/0/revision", json!(-1)),
            ("/services/0/versions/0/version", json!("tumour")),
            ("/services/0/versions/0/state", json!("excellent")),
            ("/services/0/versions/0/reason", json!("x".repeat(2001))),
        ] {
            let reply = node.report("production", "node-1", with(pointer, value)).await;
            assert_eq!(reply.status, 422, "{pointer}: {}", reply.text());
            reply.refused_helpfully(422, "invalid");
        }
        let mut more = good.clone();
        more["password"] = json!("x");
        assert_eq!(node.report("production", "node-1", more).await.status, 422, "an unknown field");
        let long = json!({"version": version.name, "model_digest": version.digest, "state": "failed", "reason": "x".repeat(2000)});
        let wide = with("/services/0/versions", Value::Array(vec![long; 300]));
        node.report("production", "node-1", wide).await.refused_helpfully(413, "report_too_large");
        let reply = node.report("production", "..", good.clone()).await;
        assert!(matches!(reply.status, 404 | 405 | 422), "{}", reply.text());
        assert_eq!(node.report("production", "Node_1", good.clone()).await.status, 422, "a name that is none");
        assert_eq!(scene.operator.get("/infrastructures/production/nodes").await.ok()["items"], json!([]));

        // The server stores a report to the letter, however hostile. The program that shows a report makes it harmless.
        let hostile = with("/problem", json!("\u{1b}[2J<script>alert(1)</script>\u{202e}"));
        node.report("production", "node-1", hostile.clone()).await.ok();
        let kept = scene.operator.get("/infrastructures/production/nodes").await.ok();
        assert_eq!(kept["items"][0]["report"], hostile);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_infrastructure_has_a_bounded_number_of_nodes() {
    let server = TestServer::start(testkit::Backend::Sqlite).await;
    Scene::set(&server).await;
    let node = server.node("node-1", "production").await;
    for number in 0..500 {
        node.report("production", &format!("n{number}"), report(1, &[])).await.ok();
    }
    node.report("production", "one-more", report(1, &[])).await.refused_helpfully(409, "too_many_nodes");
    node.report("production", "n7", report(2, &[])).await.ok();
    node.delete("/infrastructures/production/nodes/n7").await.ok();
    node.report("production", "one-more", report(1, &[])).await.ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_reports_of_an_infrastructure_are_bounded_together() {
    let server = TestServer::start(testkit::Backend::Sqlite).await;
    let scene = Scene::set(&server).await;
    let node = server.node("node-1", "production").await;
    let version = scene.version().await;
    let state = json!({"version": version.name, "model_digest": version.digest, "state": "failed", "reason": "x".repeat(1900)});
    let mut long = report(1, &[]);
    long["services"] = json!([{"service": "tumour", "revision": 1, "versions": vec![state; 31]}]);
    let bytes = long.to_string().len();
    assert!((60_000..65_536).contains(&bytes), "{bytes}");
    let fit = (8 << 20) / bytes;
    for number in 0..fit {
        node.report("production", &format!("n{number}"), long.clone()).await.ok();
    }
    let refused = node.report("production", "one-more", long.clone()).await.refused_helpfully(413, "report_too_large");
    assert!(refused["detail"].as_str().unwrap().contains("the nodes of “production”"), "{refused}");
    // Each may go on as before, and a short one is always heard.
    node.report("production", "n7", long.clone()).await.ok();
    node.report("production", "one-more", report(1, &[(&version, "failed")])).await.ok();
    let elsewhere = server.node("node-2", "test").await;
    elsewhere.report("test", "n1", long).await.ok();
}
