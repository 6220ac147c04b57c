//! The query log as it is on disk.

use crate::{
    fake::doubling,
    scene::{Scene, arm, face, table},
};
use node::protocol::{Face, QueryLog, QueryLogOptions, Sample};
use serde_json::{Value, json};
use std::{fs, path::Path, time::Duration};

const REQUEST: &str = r#"{"inputs":[{"name":"x","shape":[1,3],"datatype":"FP32","data":[1,2,"NaN"]}]}"#;

async fn logging(options: QueryLogOptions) -> Scene {
    let query_log = Some(QueryLog::start(options).unwrap());
    Scene::with(Face { query_log, ..face(table(vec![("tumour", vec![arm("1", doubling())])])) }).await
}

/// Asks for the figures until this one has this value: the log is written beside the requests.
async fn until(scene: &Scene, figure: &str, value: usize) {
    let line = format!("countersign_node_query_log_{figure} {value}");
    let reached = async {
        while !scene.get("/metrics").await.text().lines().any(|found| found == line) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), reached).await.unwrap_or_else(|_| panic!("{line} never comes"));
}

fn lines(file: &Path) -> Vec<Value> {
    fs::read_to_string(file).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn each_prediction_is_a_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("queries.jsonl");
    let scene = logging(QueryLogOptions { inputs: true, ..QueryLogOptions::new(&file) }).await;
    assert_eq!(scene.infer(REQUEST).await.status, 200);
    scene.infer("{}").await.refused(400);
    scene.ask("POST", "/v2/models/other/infer", &[], b"{}").await.refused(404);
    until(&scene, "lines_total", 2).await;
    let mut lines = lines(&file);
    for line in &mut lines {
        assert!(line["latency_us"].take().as_u64().is_some_and(|micros| micros < 60_000_000));
    }
    let time = "2025-11-24T16:00:00.000000Z";
    let common = json!({
        "time": time, "service": "tumour", "version": "diagnosis/tumour:1", "digest": "1".repeat(64), "latency_us": null, "status": 200,
        "inputs": [{ "name": "x", "datatype": "FP32", "shape": [1, 3], "data": [1.0, 2.0, "NaN"] }],
    });
    assert_eq!(lines[0], common);
    assert_eq!((&lines[1]["status"], lines[1].get("inputs")), (&json!(400), None));
    assert_eq!(lines.len(), 2, "what no version answered is in the metrics only");
}

#[tokio::test]
async fn without_inputs_and_for_a_sample() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("queries.jsonl");
    let scene = logging(QueryLogOptions { sample: Sample::Fraction(0.5), ..QueryLogOptions::new(&file) }).await;
    for _ in 0..100 {
        assert_eq!(scene.infer(REQUEST).await.status, 200);
    }
    let serving = scene.table.clone();
    drop(scene);
    // The log is written to its end when the face goes; the line before the last request is there for certain.
    drop(serving);
    let wait = async {
        while lines(&file).len() < 30 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), wait).await.unwrap();
    let lines = lines(&file);
    assert!(lines.len() < 70, "{} of 100", lines.len());
    assert!(lines.iter().all(|line| line.get("inputs").is_none()));
}

#[tokio::test]
async fn files_rotate_at_their_size_and_some_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("queries.jsonl");
    let scene = logging(QueryLogOptions { file_bytes: 500, kept: 2, ..QueryLogOptions::new(&file) }).await;
    for request in 1..=20 {
        assert_eq!(scene.infer(REQUEST).await.status, 200);
        until(&scene, "lines_total", request).await;
    }
    let mut names: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, ["queries.jsonl", "queries.jsonl.1", "queries.jsonl.2"]);
    for name in names {
        let path = folder.path().join(name);
        assert!(fs::metadata(&path).unwrap().len() <= 500 && !lines(&path).is_empty());
    }
}

#[tokio::test]
async fn a_log_that_cannot_be_written_holds_up_no_request() {
    // A device that is always full.
    let scene = logging(QueryLogOptions::new("/dev/full")).await;
    for _ in 0..3 {
        assert_eq!(scene.infer(REQUEST).await.status, 200);
    }
    until(&scene, "failed_total", 3).await;
    until(&scene, "lines_total", 0).await;
}

#[test]
fn a_log_that_cannot_be_opened_is_told_at_the_start() {
    assert!(QueryLog::start(QueryLogOptions::new("/no/such/folder/queries.jsonl")).is_err());
}
