//! Figures for Prometheus.

use crate::{
    fake::{doubling, failing, stuck},
    scene::{Scene, arm, face, table},
};
use node::{
    engine::InferError,
    protocol::{ProtocolOptions, ServerNews},
    services::{Arm, Condition},
};
use std::{sync::Arc, time::Duration};
use tokio::{io::AsyncWriteExt, net::TcpStream};

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
async fn the_age_of_the_news_and_the_ends_of_permits_are_told() {
    let without = Arm { not_after: i64::MIN, condition: Condition::Failed("no permit".to_owned()), ..arm("2", doubling()) };
    let table = table(vec![("tumour", vec![arm("1", doubling()), without])]);
    let news = ServerNews { age: Some(Duration::from_millis(2500)), log_size: Some(7), log_refused: true };
    let text = Scene::with(ProtocolOptions { news: Arc::new(move || news), ..face(table) }).await;
    let text = text.get("/metrics").await.text();
    for line in [
        "# TYPE countersign_node_news_age_seconds gauge",
        "countersign_node_news_age_seconds 2.5",
        "countersign_node_log_size 7",
        "countersign_node_log_refused 1",
        "countersign_node_permit_end_timestamp_seconds{service=\"tumour\",version=\"diagnosis/tumour:1\"} 1764000000",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
    assert!(!text.contains("permit_end_timestamp_seconds{service=\"tumour\",version=\"diagnosis/tumour:2\"}"), "{text}");
    let never = Scene::of(doubling()).await.get("/metrics").await.text();
    assert!(!never.contains("\ncountersign_node_news_age_seconds"), "{never}");
    assert!(never.contains("\ncountersign_node_log_refused 0") && !never.contains("\ncountersign_node_log_size"), "{never}");
}

#[tokio::test]
async fn a_full_queue_is_counted() {
    let scene = Scene::with(face(table(vec![("tumour", vec![arm("1", failing(InferError::Busy))])]))).await;
    scene.infer(r#"{"inputs":[{"name":"x","shape":[1],"datatype":"FP32","data":[1]}]}"#).await.refused(503);
    let text = scene.get("/metrics").await.text();
    assert!(text.contains("countersign_node_queue_full_total{service=\"tumour\",version=\"diagnosis/tumour:1\"} 1\n"), "{text}");
    assert!(text.contains("code=\"503\"} 1\n"), "{text}");
}

#[tokio::test]
async fn a_client_that_goes_away_is_counted_and_no_longer_in_flight() {
    let scene = Scene::of(stuck()).await;
    let body = r#"{"inputs":[{"name":"x","shape":[1],"datatype":"FP32","data":[1]}]}"#;
    let mut stream = TcpStream::connect(scene.address).await.unwrap();
    let request = format!("POST /v2/models/tumour/infer HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    stream.write_all(request.as_bytes()).await.unwrap();
    let labels = r#"service="tumour",version="diagnosis/tumour:1""#;
    scene.until_figure(&format!("countersign_node_requests_in_flight{{{labels}}} 1")).await;
    drop(stream);
    scene.until_figure(&format!("countersign_node_requests_total{{{labels},code=\"499\"}} 1")).await;
    scene.until_figure(&format!("countersign_node_requests_in_flight{{{labels}}} 0")).await;
}
