//! Figures for Prometheus.

use crate::{
    fake::{doubling, failing},
    scene::{Scene, arm, face, table},
};
use node::engine::InferError;

const REQUEST: &str = r#"{"inputs":[{"name":"x","shape":[1,3],"datatype":"FP32","data":[1,2,3]}]}"#;

#[tokio::test]
async fn requests_are_counted_by_service_version_and_code() {
    let scene = Scene::of(doubling()).await;
    for _ in 0..3 {
        assert_eq!(scene.infer(REQUEST).await.status, 200);
    }
    scene.infer("{}").await.refused(400);
    scene.ask("POST", "/v2/models/some\"body/infer", &[], b"{}").await.refused(404);
    let answer = scene.get("/metrics").await;
    assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4"));
    let text = answer.text();
    let labels = r#"service="tumour",version="diagnosis/tumour:1""#;
    for line in [
        "# TYPE countersign_node_requests_total counter".to_owned(),
        format!("countersign_node_requests_total{{{labels},code=\"200\"}} 3"),
        format!("countersign_node_requests_total{{{labels},code=\"400\"}} 1"),
        // Names that are not served are anybody's words, and no labels.
        "countersign_node_requests_total{service=\"\",version=\"\",code=\"404\"} 1".to_owned(),
        "# TYPE countersign_node_request_duration_seconds histogram".to_owned(),
        format!("countersign_node_request_duration_seconds_bucket{{{labels},le=\"+Inf\"}} 4"),
        format!("countersign_node_request_duration_seconds_bucket{{{labels},le=\"10\"}} 4"),
        format!("countersign_node_request_duration_seconds_count{{{labels}}} 4"),
        format!("countersign_node_requests_in_flight{{{labels}}} 0"),
        format!("countersign_node_queue_full_total{{{labels}}} 0"),
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
    assert!(!text.contains("somebody") && !text.contains("query_log"), "{text}");
    let sum =
        text.lines().find_map(|line| line.strip_prefix(&format!("countersign_node_request_duration_seconds_sum{{{labels}}} ")));
    assert!(sum.unwrap().parse::<f64>().unwrap() > 0.0);
}

#[tokio::test]
async fn a_full_queue_is_counted() {
    let scene = Scene::with(face(table(vec![("tumour", vec![arm("1", failing(InferError::Busy))])]))).await;
    scene.infer(r#"{"inputs":[{"name":"x","shape":[1],"datatype":"FP32","data":[1]}]}"#).await.refused(503);
    let text = scene.get("/metrics").await.text();
    assert!(text.contains("countersign_node_queue_full_total{service=\"tumour\",version=\"diagnosis/tumour:1\"} 1\n"), "{text}");
    assert!(text.contains("code=\"503\"} 1\n"), "{text}");
}
