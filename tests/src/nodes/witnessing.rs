//! What the server shows its nodes of the log, so that each of them is a witness; and which nodes refuse the log.

use super::report;
use app::{Caller, OpContext};
use proof::{Checkpoint, Handover, Sha256, checkpoint, merkle};
use serde_json::{Value, json};
use testkit::{Client, Scene, TestServer, both};

/// What the server shows with the plan to a node that knows this size and key.
async fn shown(node: &Client, known: Option<(u64, &str)>) -> Value {
    let query = known.map(|(size, key)| {
        let key = key.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
        format!("?log_size={size}&log_key={key}")
    });
    node.get(&format!("/infrastructures/production/serving{}", query.unwrap_or_default())).await.ok()["log"].clone()
}

fn open(log: &Value, key: &str) -> Checkpoint {
    checkpoint::open(log["checkpoint"].as_str().unwrap(), key).unwrap()
}

fn hashes(log: &Value) -> Vec<Sha256> {
    serde_json::from_value(log["consistency"].clone()).unwrap()
}

async fn vkey(server: &TestServer) -> String {
    server.anonymous().get("/log/key").await.text().trim().to_owned()
}

both! {
    async fn each_plan_shows_that_the_log_goes_on(server: &TestServer) {
        let scene = Scene::set(server).await;
        let node = server.node("node-1", "production").await;
        let key = vkey(server).await;
        let first = shown(&node, None).await;
        let before = open(&first, &key);
        assert_eq!((before.size, hashes(&first), &first["handovers"]), (server.log_size().await, vec![], &json!([])));
        let version = scene.approved().await;
        scene.operator.deploy("production/tumour", &version).await.ok();
        let second = shown(&node, Some((before.size, &key))).await;
        let after = open(&second, &key);
        assert_eq!(after.size, server.log_size().await, "the checkpoint covers what the plan rests on");
        merkle::verify_consistency(before.size, after.size, &hashes(&second), &before.root, &after.root).unwrap();
        // A node that saw more than there is gets no proof, and finds that out by itself.
        let ahead = shown(&node, Some((after.size + 100, &key))).await;
        assert_eq!((open(&ahead, &key), hashes(&ahead)), (after, vec![]));
        // The log grows, and that alone is no news for a node that waits.
        let tag = node.serving("production").await["tag"].clone();
        scene.root.post("/groups", json!({"name": "more"})).await.ok();
        assert_eq!(node.serving("production").await["tag"], tag);
    }

    async fn changes_of_the_key_are_shown_to_who_knows_an_earlier_one(server: &TestServer) {
        let scene = Scene::set(server).await;
        let node = server.node("node-1", "production").await;
        let first = vkey(server).await;
        let before = open(&shown(&node, None).await, &first);
        let console = OpContext::new(server.app.clone(), Caller::Console, "console");
        for reason in ["Yearly change.", "A drill."] {
            app::record::rotate_log_key(&console, reason).await.unwrap();
            scene.approved().await;
        }
        let log = shown(&node, Some((before.size, &first))).await;
        let handovers: Vec<Handover> = serde_json::from_value(log["handovers"].clone()).unwrap();
        let last = handovers.iter().fold(first.clone(), |key, handover| handover.verify(&key).unwrap());
        assert_eq!((handovers.len(), &last), (2, &vkey(server).await));
        let after = open(&log, &last);
        merkle::verify_consistency(before.size, after.size, &hashes(&log), &before.root, &after.root).unwrap();
        assert_eq!(shown(&node, Some((before.size, &last))).await["handovers"], json!([]));
        assert_eq!(shown(&node, Some((before.size, "elsewhere+00000000+AA=="))).await["handovers"], json!([]));
    }

    async fn a_server_that_has_signed_nothing_gives_a_plan_without_a_log(server: &TestServer) {
        let root = server.administrator().await;
        root.post("/infrastructures", json!({"name": "production", "stage": "production", "policy": "prevent"})).await.ok();
        let node = server.node("node-1", "production").await;
        let folder = tempfile::tempdir().unwrap();
        // It shares the database with the server that has the key of the log, which signed nothing yet.
        let beside = server.beside_in(folder.path()).await;
        let there = beside.as_seen_by(&node);
        assert_eq!(shown(&there, None).await, Value::Null);
        let here = shown(&node, None).await;
        assert_eq!(shown(&there, None).await["checkpoint"], here["checkpoint"]);
        beside.end().await;
    }

    async fn a_node_that_refuses_the_log_is_shown_wherever_nodes_are(server: &TestServer) {
        let scene = Scene::set(server).await;
        let node = server.node("node-1", "production").await;
        let say = async |log: Value| {
            let mut said = report(1, &[]);
            said["log"] = log;
            node.report("production", "n1", said).await
        };
        say(json!({"size": 7, "checkpoint": "a note", "refusal": null})).await.ok();
        let refusals = async |client: &Client| client.get("/infrastructures/production").await.ok()["log_refusals"].clone();
        assert_eq!(refusals(&scene.operator).await, Value::Null);
        say(json!({"size": 7, "checkpoint": "a note", "refusal": "events are missing"})).await.ok();
        assert_eq!(refusals(&scene.operator).await, json!([{"node": "n1", "reason": "events are missing"}]));
        assert_eq!(refusals(&scene.scientist).await, Value::Null, "who may not see the deployments sees no nodes");
        let listed = scene.operator.get("/infrastructures/production/nodes").await.ok();
        assert_eq!(listed["items"][0]["report"]["log"]["refusal"], "events are missing");
        assert_eq!(app::serving::log::count_refusals(&server.app).await.unwrap(), 1);
        for (field, value) in [("checkpoint", "x".repeat(4001)), ("refusal", "x".repeat(2001))] {
            let mut log = json!({"size": 7, "checkpoint": null, "refusal": null});
            log[field] = json!(value);
            say(log).await.refused_helpfully(422, "invalid");
        }
        say(json!({"size": null, "checkpoint": null, "refusal": null})).await.ok();
        assert_eq!(refusals(&scene.operator).await, Value::Null);
        assert_eq!(app::serving::log::count_refusals(&server.app).await.unwrap(), 0);
    }
}
