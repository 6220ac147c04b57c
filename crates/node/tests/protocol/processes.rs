//! What the node says of models whose processes ended.

use crate::{
    fake::{ailing, doubling},
    scene::{NOW, Scene, arm, face, table},
};
use node::{
    engine::{ModelDown, ModelHealth},
    services::{Arm, Condition},
};
use serde_json::json;

const REQUEST: &str = r#"{"inputs":[{"name":"x","shape":[1],"datatype":"FP32","data":[1]}]}"#;
const LABELS: &str = r#"{service="tumour",version="diagnosis/tumour:1"}"#;

fn down(starting: bool) -> ModelHealth {
    let reason = if starting { "it is started again" } else { "it does not start again: no such file" };
    ModelHealth { down: Some(ModelDown { reason: reason.into(), starting }), restarts: 3, ended_lately: Some("it ended".into()) }
}

#[tokio::test]
async fn a_version_without_a_process_is_nowhere_said_to_be_well() {
    let scene = Scene::of(ailing(down(false))).await;
    let refused = scene.infer(REQUEST).await;
    assert_eq!(refused.header("retry-after"), Some("10"));
    assert!(refused.refused(503).contains("does not start again: no such file"));
    for path in ["/v2/models/tumour/ready", "/v2/models/tumour/versions/1/ready", "/v2/health/ready", "/health"] {
        let answer = scene.get(path).await;
        assert_eq!(answer.status, 503, "{path}");
        assert!(answer.json()["reason"].as_str().unwrap().contains("does not start again: no such file"), "{path}");
    }
    let index = scene.get("/v2/repository/index").await.ok();
    assert_eq!(index[0]["state"], "UNAVAILABLE");
    assert!(index[0]["reason"].as_str().unwrap().contains("does not start again"));
    let text = scene.get("/metrics").await.text();
    for line in [format!("countersign_node_version_up{LABELS} 0"), format!("countersign_node_model_restarts_total{LABELS} 3")] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
}

#[tokio::test]
async fn a_process_that_is_started_again_is_loading_and_its_requests_come_again_soon() {
    let scene = Scene::of(ailing(down(true))).await;
    let refused = scene.infer(REQUEST).await;
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert!(refused.refused(503).contains("is started again"));
    assert_eq!(scene.get("/v2/models/tumour/ready").await.status, 503);
    assert_eq!(scene.get("/v2/repository/index").await.ok()[0]["state"], "LOADING");

    // While another version serves, it is passed over like every version that starts.
    let arms = vec![Arm { weight: 90, ..arm("1", ailing(down(true))) }, Arm { weight: 10, ..arm("2", doubling()) }];
    let scene = Scene::with(face(table(vec![("tumour", arms)]))).await;
    scene.get("/v2/models/tumour/ready").await.ok();
    scene.get("/v2/health/ready").await.ok();
    for _ in 0..20 {
        let row = r#"{"inputs":[{"name":"x","shape":[1,3],"datatype":"FP32","data":[1,2,3]}]}"#;
        scene.infer(row).await.ok();
    }
}

#[tokio::test]
async fn a_process_that_ended_is_remembered_although_the_next_one_answers() {
    let health = ModelHealth { down: None, restarts: 1, ended_lately: Some("its process ended (signal: 8 (SIGFPE))".into()) };
    let scene = Scene::of(ailing(health)).await;
    scene.get("/v2/health/ready").await.ok();
    let told = scene.get("/health").await.ok();
    assert_eq!(
        told,
        json!({ "status": "ready", "incidents": ["`tumour`, diagnosis/tumour:1: its process ended (signal: 8 (SIGFPE))"] })
    );
    let text = scene.get("/metrics").await.text();
    assert!(text.contains(&format!("countersign_node_version_up{LABELS} 1\n")), "{text}");
    assert!(text.contains(&format!("countersign_node_model_restarts_total{LABELS} 1\n")), "{text}");
}

#[tokio::test]
async fn a_node_whose_services_all_stand_still_is_not_ready() {
    // As after a jump of the clock: every permit has ended by it.
    let ended = |number| Arm { not_after: NOW, ..arm(number, doubling()) };
    let scene = Scene::with(face(table(vec![("tumour", vec![ended("1")]), ("lung", vec![ended("2")])]))).await;
    let answer = scene.get("/v2/health/ready").await;
    assert_eq!(answer.status, 503);
    let reason = answer.json()["reason"].as_str().unwrap().to_owned();
    assert!(reason.contains("no version in service answers") && reason.contains("permit"), "{reason}");
    // One that answers is enough, and so is having nothing to serve: what was taken out of service is no fault of the node.
    let one = face(table(vec![("tumour", vec![ended("1")]), ("lung", vec![arm("2", doubling())])]));
    Scene::with(one).await.get("/v2/health/ready").await.ok();
    Scene::with(face(table(vec![]))).await.get("/v2/health/ready").await.ok();
    let disabled = Arm { condition: Condition::Disabled("revoked".to_owned()), ..arm("1", doubling()) };
    Scene::with(face(table(vec![("tumour", vec![disabled])]))).await.get("/v2/health/ready").await.ok();
}
