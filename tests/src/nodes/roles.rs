//! A node follows, fetches and reports on its infrastructure, and nothing else. Nobody else follows, fetches or reports.

use super::report;
use serde_json::json;
use testkit::{Scene, TestServer, both};

both! {
    async fn a_node_sees_nothing_but_what_it_serves(server: &TestServer) {
        let scene = Scene::set(server).await;
        let node = server.node("node-1", "production").await;
        let version = scene.approved().await;
        scene.operator.deploy("production/tumour", &version).await.ok();
        scene.operator.deploy("test/tumour", &version).await.ok();
        // With every scope that there is: now only its role stands in the way.
        let scopes = json!(["read", "register", "review", "deploy", "gate", "administer", "node", "metrics"]);
        let wide = scene.root.post("/tokens", json!({"service": "node-1", "scopes": scopes})).await.ok();
        let wide = node.with_token("node-1", wide["token"].as_str().unwrap());
        for path in ["/infrastructures/production/deployments", "/infrastructures/production/deployments/tumour", "/infrastructures/production/nodes"] {
            wide.get(path).await.refused(403, "forbidden");
            node.get(path).await.refused_helpfully(403, "scope_missing");
        }
        for path in ["/projects/diagnosis", &version.path, &format!("{}/review", version.path), &format!("{}/files", version.path)] {
            wide.get(path).await.refused(404, "not_found");
        }
        wide.gate("production", &version).await.refused(404, "not_found");
        wide.deploy("production/tumour", &version).await.refused(403, "forbidden");
        wide.get("/audit").await.refused(403, "forbidden");
        assert_eq!(wide.get("/projects").await.ok()["items"], json!([]));
        let shown = wide.get("/infrastructures/production").await.ok();
        assert!(shown["members"].is_null() && shown["policy"] == "prevent", "{shown}");

        assert_eq!(node.serving("production").await["services"][0]["service"], "tumour");
        node.get("/infrastructures/test/serving").await.refused(403, "forbidden");
        node.get("/infrastructures/nowhere/serving").await.refused(404, "not_found");
        node.report("test", "node-1", report(1, &[])).await.refused(403, "forbidden");
    }

    async fn a_nodes_account_reports_only_as_itself(server: &TestServer) {
        let scene = Scene::set(server).await;
        let (first, second) = (server.node("node-1", "production").await, server.node("node-2", "production").await);
        first.report("production", "node-1", report(1, &[])).await.ok();
        second.report("production", "node-2", report(1, &[])).await.ok();
        let shown = || async { scene.root.get("/infrastructures/production/nodes").await.ok()["items"].clone() };
        let before = shown().await;
        second.report("production", "node-1", report(2, &[])).await.refused_helpfully(403, "node_of_another_account");
        second.delete("/infrastructures/production/nodes/node-1").await.refused_helpfully(403, "node_of_another_account");
        assert_eq!(shown().await, before, "nothing changed for the other node");
        // A new token of the same account is as good: the name belongs to the account.
        let again = server.node("node-1", "production").await;
        again.report("production", "node-1", report(3, &[])).await.ok();
        // A name that an admin takes off the list is free again.
        scene.root.delete("/infrastructures/production/nodes/node-1").await.ok();
        second.report("production", "node-1", report(4, &[])).await.ok();
    }

    async fn nobody_but_a_node_follows_fetches_and_reports(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.approved().await;
        scene.operator.deploy("production/tumour", &version).await.ok();
        let auditor = server.person_as("auditor", "auditor").await;
        for person in [&scene.root, &scene.operator, &scene.manager, &auditor] {
            person.get("/infrastructures/production/serving").await.refused(403, "forbidden");
            let manifest = format!("/infrastructures/production/serving/manifests/{}", version.digest);
            person.get(&manifest).await.refused(403, "forbidden");
            person.report("production", "node-1", report(1, &[])).await.refused(403, "forbidden");
        }
        let node = server.node("node-1", "production").await;
        node.report("production", "node-1", report(1, &[])).await.ok();
        scene.operator.delete("/infrastructures/production/nodes/node-1").await.refused(403, "forbidden");
        let nodes = async || scene.operator.get("/infrastructures/production/nodes").await.ok()["items"].as_array().unwrap().len();
        assert_eq!(nodes().await, 1);
        // The infrastructure's admin takes a node off the list, and so does the node when it stops; twice is as good as once.
        scene.root.delete("/infrastructures/production/nodes/node-1").await.ok();
        assert_eq!(nodes().await, 0);
        node.report("production", "node-1", report(1, &[])).await.ok();
        node.delete("/infrastructures/production/nodes/node-1").await.ok();
        node.delete("/infrastructures/production/nodes/node-1").await.ok();
        assert_eq!(nodes().await, 0);
        // A role taken away is gone at once.
        scene.root.delete("/infrastructures/production/members/node-1").await.ok();
        node.get("/infrastructures/production/serving").await.refused(403, "forbidden");
    }

    async fn a_node_token_is_for_nothing_else(server: &TestServer) {
        let scene = Scene::set(server).await;
        let created = scene.root.post("/tokens", json!({"service": "node-7", "scopes": ["node"]})).await.ok();
        assert_eq!((&created["user"], &created["scopes"]), (&json!("node-7"), &json!(["node"])));
        let people = scene.root.get("/users/node-7").await.ok();
        assert_eq!(people["kind"], "service", "the account was created with it");
        // Without the role the token opens nothing.
        let node = server.anonymous().with_token("node-7", created["token"].as_str().unwrap());
        node.get("/infrastructures/production/serving").await.refused(403, "forbidden");
        // And a usual service token does not serve, whatever its account may do.
        let usual = scene.root.post("/tokens", json!({"service": "node-7"})).await.ok();
        scene.root.put("/infrastructures/production/members/node-7", json!({"role": "node"})).await.ok();
        let usual = node.with_token("node-7", usual["token"].as_str().unwrap());
        usual.get("/infrastructures/production/serving").await.refused_helpfully(403, "scope_missing");
        node.get("/infrastructures/production/serving").await.ok();
    }
}
