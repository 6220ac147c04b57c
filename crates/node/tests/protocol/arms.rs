//! Several versions of a service, and versions that may not or cannot answer.

use crate::{
    fake::{doubling, failing, panicking, slow, stuck},
    scene::{Answer, NOW, Scene, arm, face, table},
};
use node::{
    engine::InferError,
    protocol::{HttpLimits, ProtocolOptions},
    services::{Arm, Condition},
};
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};
use tokio::{io::AsyncWriteExt, net::TcpStream};

const REQUEST: &str = r#"{"inputs":[{"name":"x","shape":[1,3],"datatype":"FP32","data":[1,2,3]}]}"#;
const ONE: &str = r#"{"inputs":[{"name":"x","shape":[1],"datatype":"FP32","data":[1]}]}"#;

fn weighted(number: &str, weight: u8) -> Arm {
    Arm { weight, ..arm(number, doubling()) }
}

async fn serving(arms: Vec<Arm>) -> Scene {
    Scene::with(face(table(vec![("tumour", arms)]))).await
}

async fn versions(scene: &Scene, headers: &[(&str, &str)], requests: usize) -> BTreeMap<String, usize> {
    let mut versions = BTreeMap::new();
    for _ in 0..requests {
        let answer = scene.infer_with(headers, REQUEST.as_bytes()).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        *versions.entry(answer.header("countersign-version").unwrap().to_owned()).or_default() += 1;
    }
    versions
}

#[tokio::test]
async fn weights_share_the_requests_and_a_path_forces_a_version() {
    let scene = serving(vec![weighted("1", 80), weighted("2", 20), weighted("3", 0)]).await;
    let found = versions(&scene, &[], 300).await;
    assert!((210..270).contains(&found["diagnosis/tumour:1"]), "{found:?}");
    assert_eq!(found.len(), 2, "{found:?}");
    let forced = scene.ask("POST", "/v2/models/tumour/versions/3/infer", &[], REQUEST.as_bytes()).await;
    assert_eq!(forced.ok()["model_version"], "3");
    assert_eq!(forced.header("countersign-version"), Some("diagnosis/tumour:3"));
}

#[tokio::test]
async fn a_key_sticks_to_its_version() {
    let scene = serving(vec![weighted("1", 50), weighted("2", 50)]).await;
    let mut all = BTreeMap::new();
    for key in 0..30 {
        let key = format!("patient-{key}");
        let found = versions(&scene, &[("countersign-sticky", &key)], 3).await;
        assert_eq!(found.len(), 1, "{key}: {found:?}");
        *all.entry(found.into_keys().next().unwrap()).or_insert(0) += 1;
    }
    assert_eq!(all.len(), 2, "all keys on one version: {all:?}");
}

#[tokio::test]
async fn unknown_names_are_404() {
    let scene = serving(vec![weighted("1", 100)]).await;
    scene.table.put(table(vec![("tumour", vec![weighted("1", 100)]), ("stopped", vec![])]));
    let ask = async |path: &str| scene.ask("POST", path, &[], REQUEST.as_bytes()).await.refused(404);
    assert_eq!(ask("/v2/models/tumor/infer").await, "there is no service `tumor` here");
    assert_eq!(ask("/v2/models/stopped/infer").await, "the service `stopped` was stopped");
    assert_eq!(ask("/v2/models/tumour/versions/2/infer").await, "version 2 of `tumour` is not in service; in service: 1");
    assert!(ask("/v2/models/tumour/versions/1/predict").await.contains("nothing at this address"));
}

#[tokio::test]
async fn a_version_that_may_not_answer_says_why() {
    let with = |condition| vec![Arm { condition, approved: false, ..weighted("1", 100) }];
    let scene = serving(with(Condition::Starting)).await;
    let starting = scene.infer(REQUEST).await;
    assert_eq!(starting.refused(503), "diagnosis/tumour:1 is starting");
    assert_eq!(starting.header("retry-after"), Some("1"));
    assert_eq!(starting.header("countersign-version"), Some("diagnosis/tumour:1"));
    assert_eq!(starting.header("countersign-approved"), Some("false"));

    scene.table.put(table(vec![("tumour", with(Condition::Disabled("revoked by Ada: \"bias\"".to_owned())))]));
    let disabled = scene.infer(REQUEST).await;
    assert_eq!(disabled.refused(503), "diagnosis/tumour:1 was taken out of service: revoked by Ada: \"bias\"");
    assert_eq!(disabled.header("retry-after"), None);

    scene.table.put(table(vec![("tumour", with(Condition::Failed("it does not load".to_owned())))]));
    assert!(scene.infer(REQUEST).await.refused(503).contains("is not in service: it does not load"));

    scene.table.put(table(vec![("tumour", vec![Arm { not_after: NOW, ..weighted("1", 100) }])]));
    let ended = scene.infer(REQUEST).await;
    assert_eq!(ended.refused(503), "the permit of diagnosis/tumour:1 has ended and was not renewed");
    assert_eq!(ended.header("retry-after"), Some("10"));
}

#[tokio::test]
async fn a_starting_version_is_passed_over_and_a_disabled_one_is_not() {
    let scene = serving(vec![Arm { condition: Condition::Starting, ..weighted("1", 50) }, weighted("2", 50)]).await;
    assert_eq!(versions(&scene, &[], 30).await.into_keys().collect::<Vec<_>>(), ["diagnosis/tumour:2"]);
    let disabled = Arm { condition: Condition::Disabled("revoked".to_owned()), ..weighted("1", 50) };
    scene.table.put(table(vec![("tumour", vec![disabled, weighted("2", 50)])]));
    let mut statuses = BTreeMap::new();
    for _ in 0..60 {
        *statuses.entry(scene.infer(REQUEST).await.status).or_insert(0) += 1;
    }
    assert!(statuses[&503] > 10 && statuses[&200] > 10, "weights are policy: {statuses:?}");
}

#[tokio::test]
async fn a_switch_is_seen_by_the_next_request_and_ends_the_old_model() {
    let old = doubling();
    let alive = Arc::downgrade(&old);
    let scene = serving(vec![arm("1", old)]).await;
    assert_eq!(scene.infer(REQUEST).await.ok()["model_version"], "1");
    scene.table.put(table(vec![("tumour", vec![weighted("2", 100)])]));
    assert!(alive.upgrade().is_none(), "the old model is kept");
    assert_eq!(scene.infer(REQUEST).await.ok()["model_version"], "2");
}

/// The end of a request that `begin` began.
async fn end(mut stream: TcpStream) -> Answer {
    let chunk = format!("{:x}\r\n{REQUEST}\r\n0\r\n\r\n", REQUEST.len());
    stream.write_all(chunk.as_bytes()).await.unwrap();
    Answer::read(&mut stream).await
}

#[tokio::test]
async fn what_is_taken_back_while_a_body_arrives_does_not_answer_it() {
    let time = Arc::new(AtomicI64::new(NOW));
    let hand = time.clone();
    let clock = Arc::new(move || hand.load(Ordering::SeqCst));
    let scene = Scene::with(ProtocolOptions { clock, ..face(table(vec![("tumour", vec![weighted("1", 100)])])) }).await;
    let revoked = scene.begin().await;
    let disabled = Arm { condition: Condition::Disabled("revoked".to_owned()), ..weighted("1", 100) };
    scene.table.put(table(vec![("tumour", vec![disabled])]));
    assert!(end(revoked).await.refused(503).contains("taken out of service: revoked"));

    scene.table.put(table(vec![("tumour", vec![weighted("1", 100)])]));
    let renewed = scene.begin().await;
    scene.table.put(table(vec![("tumour", vec![Arm { not_after: NOW + 2, ..weighted("1", 100) }])]));
    time.store(NOW + 1, Ordering::SeqCst);
    assert_eq!(end(renewed).await.status, 200, "its permit was renewed meanwhile");
    let lapsed = scene.begin().await;
    time.store(NOW + 2, Ordering::SeqCst);
    assert!(end(lapsed).await.refused(503).contains("has ended"));

    time.store(NOW, Ordering::SeqCst);
    let stopped = scene.begin().await;
    scene.table.put(table(vec![("tumour", vec![])]));
    assert!(end(stopped).await.refused(404).contains("was stopped"));
}

#[tokio::test]
async fn a_switch_while_a_body_arrives_fails_no_request() {
    let scene = serving(vec![weighted("1", 100)]).await;
    let stream = scene.begin().await;
    scene.table.put(table(vec![("tumour", vec![weighted("2", 100)])]));
    let answer = end(stream).await;
    assert_eq!(answer.ok()["model_version"], "2");
    assert_eq!(answer.header("countersign-version"), Some("diagnosis/tumour:2"));
    for (version, code) in [("1", None), ("2", Some(200))] {
        let labels = format!("service=\"tumour\",version=\"diagnosis/tumour:{version}\"");
        scene.until_figure(&format!("countersign_node_requests_in_flight{{{labels}}} 0")).await;
        let counted = scene.get("/metrics").await.text().contains(&format!("requests_total{{{labels},code=\"200\"}} 1"));
        assert_eq!(counted, code.is_some(), "it is counted for the version that answered");
    }
}

#[tokio::test]
async fn what_the_model_says_has_its_status() {
    for (error, status, retry, said) in [
        (InferError::Busy, 503, Some("1"), "too many requests wait"),
        (InferError::Crashed, 503, Some("1"), "started again"),
        (InferError::Deadline(Duration::from_secs(10)), 504, None, "did not answer within 10s"),
        (InferError::Inputs("no such category".to_owned()), 400, None, "no such category"),
        (InferError::Failed("no memory".to_owned()), 500, None, "the model failed: no memory"),
    ] {
        let scene = serving(vec![arm("1", failing(error))]).await;
        let answer = scene.infer(ONE).await;
        assert!(answer.refused(status).contains(said), "{}", answer.text());
        assert_eq!(answer.header("retry-after"), retry);
        assert_eq!(answer.header("countersign-model-digest"), Some("1".repeat(64).as_str()));
    }
}

#[tokio::test]
async fn a_mistake_of_the_node_costs_one_request_and_is_counted() {
    let scene = Scene::of(panicking()).await;
    let mut stream = TcpStream::connect(scene.address).await.unwrap();
    let head = format!("POST /v2/models/tumour/infer HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n", ONE.len());
    // The second on the same connection, which is still there.
    let both = format!("{head}\r\n{ONE}{head}connection: close\r\n\r\n{ONE}");
    stream.write_all(both.as_bytes()).await.unwrap();
    let answers = Answer::read(&mut stream).await;
    assert_eq!(answers.status, 500);
    assert_eq!(answers.header("countersign-version"), Some("diagnosis/tumour:1"));
    assert_eq!(answers.text().matches("the node made a mistake").count(), 2, "{}", answers.text());
    let labels = r#"service="tumour",version="diagnosis/tumour:1""#;
    scene.until_figure(&format!("countersign_node_requests_total{{{labels},code=\"500\"}} 2")).await;
}

#[tokio::test]
async fn a_request_may_ask_for_less_time_and_not_for_more() {
    let limits = HttpLimits { deadline: Duration::from_millis(60), ..HttpLimits::default() };
    let scene = Scene::with(ProtocolOptions { limits, ..face(table(vec![("tumour", vec![arm("1", slow())])])) }).await;
    let ask = async |micros: u64| {
        let body = format!(r#"{{"parameters":{{"timeout":{micros}}},{}"#, &ONE[1..]);
        scene.infer(&body).await.refused(504)
    };
    assert!(ask(5_000).await.contains("within 5ms"));
    assert!(ask(u64::MAX).await.contains("within 60ms"));
    assert!(ask(0).await.contains("within 60ms"), "0 is no wish");
    assert!(scene.infer(ONE).await.refused(504).contains("within 60ms"));
}

#[tokio::test]
async fn a_model_that_forgets_its_deadline_keeps_nobody_waiting() {
    let limits = HttpLimits { deadline: Duration::from_millis(10), ..HttpLimits::default() };
    let scene = Scene::with(ProtocolOptions { limits, ..face(table(vec![("tumour", vec![arm("1", stuck())])])) }).await;
    assert!(scene.infer(ONE).await.refused(504).contains("within 10ms"));
}
