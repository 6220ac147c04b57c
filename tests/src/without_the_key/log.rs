//! The log itself: an event that the server did not append, and a head that the server did not set.

use super::{findings, keep, literal, put_back, sql};
use domain::Duration;
use proof::EventLeaf;
use serde_json::json;
use testkit::{Scene, TestServer, both};

both! {
    async fn an_event_that_was_appended_by_hand_is_never_signed(server: &TestServer) {
        let scene = Scene::set(server).await;
        scene.root.get("/log/checkpoint").await;
        let mut reader = server.app.store.read().await.unwrap();
        let (head, size) = (reader.log_frontier().await.unwrap(), reader.log_size().await.unwrap());
        let body = reader.event_bytes(size - 1).await.unwrap().unwrap().body;
        drop(reader);
        // A whole event, its leaf, its nodes and the head of the log, all as the server would write them.
        let body = String::from_utf8(body).unwrap().replace(&format!("\"position\":{}", size - 1), &format!("\"position\":{size}"));
        let leaf = EventLeaf::of(size, body.as_bytes());
        let mut longer = head.clone();
        let nodes = longer.append(leaf.hash().unwrap());
        let hex = |bytes: &[u8]| literal(server, bytes);
        let [content, digest, hash] = [body.as_bytes(), leaf.body.as_bytes(), leaf.hash().unwrap().as_bytes()].map(hex);
        sql(server, &format!(
            "INSERT INTO events (position, at, kind, actor_id, project_id, version_id, infrastructure_id, body, body_digest, leaf, seal) \
             SELECT {size}, at, kind, actor_id, project_id, version_id, infrastructure_id, {content}, {digest}, {hash}, seal FROM events WHERE position = {}",
            size - 1
        )).await;
        for node in &nodes {
            sql(server, &format!("INSERT INTO log_nodes VALUES ({}, {}, {})", node.level, node.index, hex(node.hash.as_bytes()))).await;
        }
        sql(server, &format!("UPDATE log_head SET size = {}, frontier = {}", longer.size(), hex(&longer.to_bytes()))).await;

        for path in ["/log/checkpoint", "/inbox"] {
            scene.root.get(path).await.refused_helpfully(500, "store_altered");
        }
        scene.root.post("/groups", json!({"name": "others"})).await.refused_helpfully(500, "store_altered");
        assert!(!findings(server).await.is_empty());

        // With the head put back, the event that is left over keeps the server from writing, and is found.
        sql(server, &format!("UPDATE log_head SET size = {}, frontier = {}", head.size(), hex(&head.to_bytes()))).await;
        assert!(scene.root.post("/groups", json!({"name": "others"})).await.status >= 400);
        assert!(findings(server).await.iter().any(|finding| finding.starts_with(&format!("events/{size}"))));
        sql(server, &format!("DELETE FROM events WHERE position = {size}")).await;
        for node in &nodes {
            sql(server, &format!("DELETE FROM log_nodes WHERE level = {} AND position = {}", node.level, node.index)).await;
        }
        scene.root.post("/groups", json!({"name": "others"})).await.ok();
        server.verify().await;
    }

    async fn an_event_of_a_time_that_is_still_to_come_is_found(server: &TestServer) {
        let scene = Scene::set(server).await;
        server.clock.advance(Duration::from_days(1));
        scene.root.post("/groups", json!({"name": "others"})).await.ok();
        server.verify().await;
        server.clock.set_back(Duration::from_days(1));
        let found = findings(server).await;
        assert!(found.len() == 1 && found[0].contains("is still to come"), "{found:?}");
        server.clock.advance(Duration::from_days(1));
    }

    async fn no_time_in_the_database_sets_the_clock_of_the_server(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.requested().await;
        scene.approver.command(&version, "decision", json!({"decision": "approve", "valid_for": "30d"})).await.ok();
        let now = server.app.now();
        keep(server, "events").await;
        sql(server, "UPDATE events SET at = 4102444800000000").await;
        scene.operator.get("/inbox").await.ok();
        assert_eq!(server.app.now(), now);
        scene.root.post("/groups", json!({"name": "others"})).await.ok();
        assert_eq!(scene.operator.gate("production", &version).await.json["verdict"], "allow");
        put_back(server, "events", "at", "position").await;
        server.verify().await;

        keep(server, "log_head").await;
        sql(server, "UPDATE log_head SET last_event_at = 4102444800000000").await;
        scene.operator.get("/inbox").await.refused_helpfully(500, "store_altered");
        scene.root.post("/groups", json!({"name": "more"})).await.refused_helpfully(500, "store_altered");
        assert!(findings(server).await.iter().any(|finding| finding.starts_with("log_head/1")));
        put_back(server, "log_head", "last_event_at", "id").await;
        scene.root.post("/groups", json!({"name": "more"})).await.ok();
        assert_eq!(server.app.now(), now);
        server.verify().await;
    }

    async fn a_copy_of_the_last_event_behind_the_end_of_the_log_is_found_by_the_next_writer(server: &TestServer) {
        let scene = Scene::set(server).await;
        let size = server.log_size().await;
        sql(server, &format!(
            "INSERT INTO events (position, at, kind, actor_id, project_id, version_id, infrastructure_id, body, body_digest, leaf, seal) \
             SELECT {size}, at, kind, actor_id, project_id, version_id, infrastructure_id, body, body_digest, leaf, seal FROM events WHERE position = {}",
            size - 1
        )).await;
        scene.root.post("/groups", json!({"name": "others"})).await.refused_helpfully(500, "store_altered");
        assert!(findings(server).await.iter().any(|finding| finding.starts_with(&format!("events/{size}"))));
        sql(server, &format!("DELETE FROM events WHERE position = {size}")).await;
        scene.root.post("/groups", json!({"name": "others"})).await.ok();
        server.verify().await;
    }

    async fn an_event_that_was_altered_is_not_shown(server: &TestServer) {
        let scene = Scene::set(server).await;
        keep(server, "events").await;
        sql(server, "UPDATE events SET body = (SELECT body FROM events AS other WHERE other.position = 4) WHERE position = 3").await;
        scene.root.get("/audit?from=3").await.refused_helpfully(500, "store_altered");
        put_back(server, "events", "body", "position").await;
    }
}
