//! The query log as it is on disk.

use crate::{
    fake::doubling,
    scene::{Scene, arm, face, table},
};
use node::protocol::{ProtocolOptions, QueryLog, QueryLogOptions, Sample, pick};
use serde_json::{Value, json};
use std::{fs, os::unix::fs::PermissionsExt, path::Path, process::Command, time::Duration};

const REQUEST: &str = r#"{"inputs":[{"name":"x","shape":[1,3],"datatype":"FP32","data":[1,2,"NaN"]}]}"#;

async fn logging(options: QueryLogOptions) -> Scene {
    let query_log = Some(QueryLog::start(options).unwrap());
    Scene::with(ProtocolOptions { query_log, ..face(table(vec![("tumour", vec![arm("1", doubling())])])) }).await
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
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600, "inputs may speak of patients");
}

#[tokio::test]
async fn without_inputs_and_for_a_sample() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("queries.jsonl");
    let scene = logging(QueryLogOptions { sample: Sample::Fraction(0.5), ..QueryLogOptions::new(&file) }).await;
    for _ in 0..100 {
        assert_eq!(scene.infer(REQUEST).await.status, 200);
    }
    // Requests are chosen by their running number, so the same ones are chosen in every run.
    let part = (0..100).filter(|&number| pick::draw(number) < u64::MAX / 2).count();
    assert!((35..65).contains(&part), "{part} of 100");
    until(&scene, "lines_total", part).await;
    let lines = lines(&file);
    assert_eq!(lines.len(), part);
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

#[tokio::test]
async fn a_line_that_was_cut_off_spoils_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("queries.jsonl");
    fs::write(&file, "{\"cut\":").unwrap();
    let scene = logging(QueryLogOptions::new(&file)).await;
    assert_eq!(scene.infer(REQUEST).await.status, 200);
    until(&scene, "lines_total", 1).await;
    let text = fs::read_to_string(&file).unwrap();
    let (cut, line) = text.split_once('\n').unwrap();
    assert_eq!(cut, "{\"cut\":");
    assert_eq!(serde_json::from_str::<Value>(line).unwrap()["status"], 200);
}

/// A pipe that nobody reads stands for a disk that takes nothing and fails nothing.
#[tokio::test]
async fn a_disk_that_hangs_holds_up_no_request_and_takes_no_endless_memory() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("queries.jsonl");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let end = fs::File::options().read(true).write(true).open(&pipe).unwrap();
    let scene = logging(QueryLogOptions { inputs: true, ..QueryLogOptions::new(&pipe) }).await;
    // Just under a mebibyte, so that some sixty of them fill the queue.
    let rows = 87_000;
    let head = json!({
        "inputs": [{ "name": "x", "shape": [rows, 3], "datatype": "FP32", "parameters": { "binary_data_size": rows * 12 } }],
        "outputs": [{ "name": "count" }],
    });
    let (head, length) = (head.to_string(), head.to_string().len().to_string());
    let body = [head.as_bytes(), &vec![0; rows * 12]].concat();
    for _ in 0..80 {
        assert_eq!(scene.infer_with(&[("Inference-Header-Content-Length", &length)], &body).await.status, 200);
    }
    let figures = scene.get("/metrics").await.text();
    let dropped = figures.lines().find_map(|line| line.strip_prefix("countersign_node_query_log_dropped_total ")).unwrap();
    assert!((1..80).contains(&dropped.parse().unwrap()), "{dropped} of 80 were dropped");
    // Without its other end the pipe fails; what still waits goes into a file of the same name, and the log can end.
    fs::remove_file(&pipe).unwrap();
    drop(end);
}

#[test]
fn a_log_that_cannot_be_opened_is_told_at_the_start() {
    assert!(QueryLog::start(QueryLogOptions::new("/no/such/folder/queries.jsonl")).is_err());
}
