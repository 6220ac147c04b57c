//! What a node says about itself and its models.

use crate::{
    fake::{doubling, strings},
    scene::{Scene, arm, face, table},
};
use node::{
    protocol::ProtocolOptions,
    services::{Arm, Condition},
};
use serde_json::json;
use std::sync::Arc;

#[tokio::test]
async fn the_server_names_its_extensions() {
    let scene = Scene::of(doubling()).await;
    let extensions = ["binary_tensor_data", "model_configuration", "model_repository", "statistics"];
    let expected = json!({ "name": "countersign", "version": env!("CARGO_PKG_VERSION"), "extensions": extensions });
    assert_eq!(scene.get("/v2").await.ok(), expected);
}

#[tokio::test]
async fn health_has_json_bodies() {
    let scene = Scene::of(doubling()).await;
    assert_eq!(scene.get("/v2/health/live").await.ok(), json!({ "live": true }));
    assert_eq!(scene.get("/v2/health/ready").await.ok(), json!({ "ready": true }));
    assert_eq!(scene.get("/health").await.ok(), json!({ "status": "ready" }));

    let scene = Scene::with(ProtocolOptions { ready: Arc::new(|| Err("no engine".to_owned())), ..face(table(vec![])) }).await;
    assert_eq!(scene.get("/v2/health/live").await.ok(), json!({ "live": true }), "alive all the same");
    let ready = scene.get("/v2/health/ready").await;
    assert_eq!((ready.status, ready.json()), (503, json!({ "ready": false, "reason": "no engine" })));
    let health = scene.get("/health").await;
    assert_eq!((health.status, health.json()), (503, json!({ "status": "not_ready", "reason": "no engine" })));
    let head = scene.ask("HEAD", "/v2/health/ready", &[], b"").await;
    assert_eq!((head.status, head.body.len()), (503, 0));
}

#[tokio::test]
async fn a_model_says_what_it_takes_and_gives() {
    let scene = Scene::of(doubling()).await;
    let metadata = json!({
        "name": "tumour", "versions": ["1"], "platform": "onnxruntime_onnx",
        "inputs": [{ "name": "x", "datatype": "FP32", "shape": [-1, 3] }],
        "outputs": [
            { "name": "doubled", "datatype": "FP32", "shape": [-1, 3], "parameters": { "classes": ["a", "b \"quoted\"", "c"] } },
            { "name": "count", "datatype": "INT64", "shape": [1] },
        ],
    });
    assert_eq!(scene.get("/v2/models/tumour").await.ok(), metadata);
    assert_eq!(scene.get("/v2/models/tumour/versions/1").await.ok(), metadata);
    let config = json!({
        "name": "tumour", "platform": "onnxruntime_onnx", "backend": "onnxruntime", "max_batch_size": 0,
        "input": [{ "name": "x", "data_type": "TYPE_FP32", "dims": [-1, 3] }],
        "output": [{ "name": "doubled", "data_type": "TYPE_FP32", "dims": [-1, 3] }, { "name": "count", "data_type": "TYPE_INT64", "dims": [1] }],
    });
    assert_eq!(scene.get("/v2/models/tumour/config").await.ok(), config);
    let scene = Scene::of(strings()).await;
    assert_eq!(scene.get("/v2/models/tumour/versions/1/config").await.ok()["input"][0]["data_type"], "TYPE_STRING");
}

#[tokio::test]
async fn several_versions_are_described_by_the_heaviest_that_can() {
    let light = Arm { weight: 10, ..arm("1", strings()) };
    let heavy = Arm { weight: 90, ..arm("2", doubling()) };
    let starting = Arm { condition: Condition::Starting, weight: 0, ..arm("3", doubling()) };
    let scene = Scene::with(face(table(vec![("tumour", vec![light, heavy, starting])]))).await;
    let metadata = scene.get("/v2/models/tumour").await.ok();
    assert_eq!((&metadata["versions"], &metadata["inputs"][0]["name"]), (&json!(["1", "2", "3"]), &json!("x")));
    assert_eq!(scene.get("/v2/models/tumour/versions/1").await.ok()["inputs"][0]["name"], "text");
    assert_eq!(scene.get("/v2/models/tumour/versions/3").await.refused(503), "diagnosis/tumour:3 is starting");
    assert!(scene.get("/v2/models/tumour/versions/4/config").await.refused(404).contains("in service: 1, 2, 3"));
    scene.get("/v2/models/other").await.refused(404);
}

#[tokio::test]
async fn a_model_is_ready_when_every_request_would_be_answered() {
    let scene = Scene::of(doubling()).await;
    assert_eq!(scene.get("/v2/models/tumour/ready").await.ok(), json!({ "name": "tumour", "ready": true }));
    assert_eq!(scene.get("/v2/models/tumour/versions/1/ready").await.ok()["ready"], true);
    scene.get("/v2/models/tumour/versions/2/ready").await.refused(404);
    scene.get("/v2/models/other/ready").await.refused(404);

    let one = || Arm { weight: 50, ..arm("1", doubling()) };
    let two = |condition| Arm { weight: 50, condition, ..arm("2", doubling()) };
    scene.table.put(table(vec![("tumour", vec![one(), two(Condition::Starting)])]));
    assert_eq!(scene.get("/v2/models/tumour/ready").await.status, 200, "the first one answers meanwhile");
    assert_eq!(scene.get("/v2/models/tumour/versions/2/ready").await.status, 503);
    scene.table.put(table(vec![("tumour", vec![one(), two(Condition::Disabled("revoked".to_owned()))])]));
    let ready = scene.get("/v2/models/tumour/ready").await;
    let reason = "diagnosis/tumour:2 was taken out of service: revoked";
    assert_eq!((ready.status, ready.json()), (503, json!({ "name": "tumour", "ready": false, "reason": reason })));
}

#[tokio::test]
async fn the_index_lists_versions_with_their_state() {
    let starting = Arm { condition: Condition::Starting, ..arm("2", doubling()) };
    let failed = Arm { condition: Condition::Failed("too large".to_owned()), ..arm("3", doubling()) };
    let scene =
        Scene::with(face(table(vec![("tumour", vec![arm("1", doubling()), starting, failed]), ("stopped", vec![])]))).await;
    let ready = json!({ "name": "tumour", "version": "1", "state": "READY", "reason": "" });
    let all = json!([
        ready,
        { "name": "tumour", "version": "2", "state": "LOADING", "reason": "diagnosis/tumour:2 is starting" },
        { "name": "tumour", "version": "3", "state": "UNAVAILABLE", "reason": "diagnosis/tumour:3 is not in service: too large" },
    ]);
    assert_eq!(scene.get("/v2/repository/index").await.ok(), all);
    for (body, expected) in [("", all.clone()), ("{}", all.clone()), ("{\"ready\":true}", json!([ready]))] {
        assert_eq!(scene.ask("POST", "/v2/repository/index", &[], body.as_bytes()).await.ok(), expected);
    }
    scene.ask("POST", "/v2/repository/index", &[], b"[1").await.refused(400);
}

#[tokio::test]
async fn nobody_loads_or_unloads_past_the_gate() {
    let scene = Scene::of(doubling()).await;
    for what in ["load", "unload"] {
        let refused = scene.ask("POST", &format!("/v2/repository/models/tumour/{what}"), &[], b"{}").await.refused(403);
        assert!(refused.contains("deployments that pass the gate"), "{refused}");
    }
    assert_eq!(scene.get("/v2/models/tumour/ready").await.status, 200);
}

#[tokio::test]
async fn other_methods_and_addresses_are_refused() {
    let scene = Scene::of(doubling()).await;
    for (method, path, allowed) in [
        ("GET", "/v2/models/tumour/infer", "post"),
        ("POST", "/v2", "get, head"),
        ("DELETE", "/v2/models/tumour", "get, head"),
        ("PUT", "/v2/repository/index", "get, head, post"),
        ("GET", "/v2/repository/models/tumour/load", "post"),
    ] {
        let answer = scene.ask(method, path, &[], b"").await;
        answer.refused(405);
        assert_eq!(answer.header("allow"), Some(allowed), "{method} {path}");
    }
    for path in
        ["/", "/v2/", "/v1/models", "/v2/models", "/v2/models/tumour/versions", "/v2/models/%ff", "/v2/models/tumour/trace"]
    {
        scene.get(path).await.refused(404);
    }
    assert_eq!(scene.get("/v2/models/t%75mour/ready?verbose=1").await.status, 200);
}

#[tokio::test]
async fn statistics_count_what_was_answered_and_what_was_not() {
    let scene = Scene::of(doubling()).await;
    let nothing = scene.get("/v2/models/tumour/stats").await.ok()["model_stats"][0].clone();
    assert_eq!((&nothing["inference_count"], &nothing["last_inference"]), (&json!(0), &json!(0)));
    for _ in 0..2 {
        scene.infer(r#"{"inputs":[{"name":"x","shape":[1,3],"datatype":"FP32","data":[1,2,3]}]}"#).await.ok();
    }
    scene.infer("{}").await.refused(400);
    for path in ["/v2/models/tumour/stats", "/v2/models/tumour/versions/1/stats", "/v2/models/stats"] {
        let all = scene.get(path).await.ok();
        let [stats] = &all["model_stats"].as_array().unwrap()[..] else { panic!("{path}: {all}") };
        assert_eq!((&stats["name"], &stats["version"]), (&json!("tumour"), &json!("1")), "{path}");
        assert_eq!((&stats["inference_count"], &stats["execution_count"]), (&json!(2), &json!(2)), "{path}");
        assert_eq!(stats["last_inference"], json!(crate::scene::NOW / 1000));
        let count = |kind: &str| stats["inference_stats"][kind]["count"].as_u64().unwrap();
        assert_eq!((count("success"), count("fail"), count("compute_infer"), count("queue")), (2, 1, 2, 0), "{path}");
        let time = |kind: &str| stats["inference_stats"][kind]["ns"].as_u64().unwrap();
        assert!(time("success") >= time("compute_infer") && time("success") > 0, "{stats}");
    }
    scene.get("/v2/models/lung/stats").await.refused(404);
    scene.get("/v2/models/tumour/versions/7/stats").await.refused(404);

    // A service may have that name; its own address wins.
    let scene = Scene::with(face(table(vec![("stats", vec![arm("1", doubling())])]))).await;
    assert_eq!(scene.get("/v2/models/stats").await.ok()["versions"], json!(["1"]));
    assert_eq!(scene.get("/v2/models/stats/stats").await.ok()["model_stats"][0]["name"], "stats");
}
