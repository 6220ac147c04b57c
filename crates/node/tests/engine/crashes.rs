//! A model's process that ends, and a node that does.

use crate::{
    fixture::{SOON, files, floats, loops, tensor},
    processes::{marked_engine, process},
};
use futures_util::future::join_all;
use node::{
    engine::{Engine, InferError, Model, ModelHealth},
    tensor::{Datatype, Tensor},
};
use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

fn row() -> Vec<Tensor> {
    vec![floats("X", &[1, 4], &[5.1, 3.5, 1.4, 0.2])]
}

/// The first answer of a model whose process is started again meanwhile.
pub async fn until_it_answers(model: &Arc<dyn Model>, inputs: impl Fn() -> Vec<Tensor>) -> Vec<Tensor> {
    let begun = Instant::now();
    loop {
        match model.infer(inputs(), vec![0], SOON).await {
            Ok(answer) => return answer,
            Err(InferError::Crashed) if begun.elapsed() < SOON => tokio::task::yield_now().await,
            Err(other) => panic!("after {:?}: {other}", begun.elapsed()),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_process_fails_its_requests_and_is_started_again() {
    let engine = marked_engine("killed", |options| options.sessions = 2);
    let model = engine.load(files("endless-loop")).await.unwrap();
    for _ in 0..3 {
        let victim = process("killed");
        let kill = async {
            // Polled after the requests, which are under way by then.
            tokio::task::yield_now().await;
            victim.kill();
        };
        let requests = join_all((0..5).map(|_| model.infer(loops(1.0), vec![0], SOON)));
        let (results, ()) = tokio::join!(requests, kill);
        assert!(results.iter().all(|result| *result == Err(InferError::Crashed)), "{results:?}");
        assert_eq!(until_it_answers(&model, || loops(-1.0)).await[0].data, (-1.0_f32).to_le_bytes()[..]);
    }
}

/// What `int-div` takes: a number and the number to divide it by.
fn division(number: i64, by: i64) -> Vec<Tensor> {
    let input = |name: &str, value: i64| tensor(name, Datatype::Int64, &[1], value.to_le_bytes().to_vec());
    vec![input("a", number), input("b", by)]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_ends_the_process_costs_the_others_a_moment_however_often_it_comes() {
    let engine = marked_engine("division", |_| ());
    let model = engine.load(files("int-div")).await.unwrap();
    let mut longest = Duration::ZERO;
    for number in 1..=9 {
        // The processor has no such quotient, and the library does not ask before it divides.
        assert_eq!(model.infer(division(i64::MIN, -1), vec![0], SOON).await, Err(InferError::Crashed));
        let begun = Instant::now();
        let answer = until_it_answers(&model, || division(7, -1)).await;
        longest = longest.max(begun.elapsed());
        assert_eq!(answer[0].data, (-7_i64).to_le_bytes()[..]);
        let health = model.health();
        assert_eq!((health.down, health.restarts), (None, number));
        let ended = health.ended_lately.unwrap();
        assert!(ended.contains("signal: 8 (SIGFPE)"), "{ended}");
    }
    assert!(longest < Duration::from_secs(8), "the service was down for {longest:?} because of one request");
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_come_while_a_process_is_started_again_wait_for_it() {
    let engine = marked_engine("waiting", |options| options.limits.queue = 7);
    let model = engine.load(files("int-div")).await.unwrap();
    assert_eq!(model.infer(division(i64::MIN, -1), vec![0], SOON).await, Err(InferError::Crashed));
    let begun = Instant::now();
    while model.health().down.is_none() {
        assert!(begun.elapsed() < SOON, "the end is not noticed");
        tokio::task::yield_now().await;
    }
    // As many as could wait for the process itself; there is no place for one more.
    let results = join_all((0..9).map(|_| model.infer(division(8, 2), vec![0], SOON))).await;
    let answered = results.iter().filter(|result| result.as_ref().is_ok_and(|answer| answer[0].data == 4_i64.to_le_bytes()[..]));
    assert_eq!(answered.count(), 8, "{results:?}");
    assert_eq!(results[8], Err(InferError::Busy));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_whose_process_cannot_be_started_again_says_so_until_it_can() {
    let folder = tempfile::tempdir().unwrap();
    let (program, aside) = (folder.path().join("node-engine"), folder.path().join("aside"));
    std::fs::copy(env!("CARGO_BIN_EXE_node-engine"), &program).unwrap();
    let engine = marked_engine("gone", |options| options.program = program.clone());
    let model = engine.load(files("linear")).await.unwrap();
    assert_eq!(model.health(), ModelHealth::default());
    std::fs::rename(&program, &aside).unwrap();
    process("gone").kill();
    let begun = Instant::now();
    let down = loop {
        if let Some(down) = model.health().down.filter(|down| !down.starting) {
            break down;
        }
        assert!(begun.elapsed() < SOON, "nobody says that the process is gone: {:?}", model.health());
        tokio::task::yield_now().await;
    };
    assert!(down.reason.contains("does not start again") && down.reason.contains("No such file"), "{}", down.reason);
    assert_eq!(model.infer(row(), vec![0], SOON).await, Err(InferError::Crashed));
    std::fs::rename(&aside, &program).unwrap();
    until_it_answers(&model, row).await;
    assert_eq!((model.health().down, model.health().restarts), (None, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_is_started_again_from_the_bytes_that_were_verified() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.onnx");
    std::fs::write(&path, files("linear").onnx).unwrap();
    let engine = marked_engine("bytes", |_| ());
    let model = engine.load(crate::fixture::of_bytes(std::fs::read(&path).unwrap())).await.unwrap();
    let answer = model.infer(row(), vec![0], SOON).await.unwrap();
    std::fs::write(&path, files("greedy").onnx).unwrap();
    process("bytes").kill();
    assert_eq!(until_it_answers(&model, row).await, answer);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_is_dropped_takes_its_process_along() {
    let engine = marked_engine("dropped", |_| ());
    let model = engine.load(files("linear")).await.unwrap();
    let process = process("dropped");
    assert!(model.infer(row(), vec![0], SOON).await.is_ok());
    drop(model);
    assert!(process.ends());
    let begun = Instant::now();
    while process.place().exists() {
        assert!(begun.elapsed() < SOON, "its end was never taken notice of");
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn signals_that_stop_a_service_are_for_the_node_alone() {
    let engine = marked_engine("signals", |_| ());
    let model = engine.load(files("linear")).await.unwrap();
    let process = process("signals");
    process.terminate();
    assert!(model.infer(row(), vec![0], SOON).await.is_ok());
    assert!(process.place().exists());
}

/// Run by the next test, in a process of its own.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "is the node that another test kills"]
async fn a_node_to_be_killed() {
    let engine = marked_engine("orphan", |_| ());
    let model = engine.load(files("endless-loop")).await.unwrap();
    println!("\nready");
    let _ = model.infer(loops(1.0), vec![0], Duration::from_secs(600)).await;
}

#[test]
fn a_node_that_is_killed_leaves_no_process_behind() {
    let mut node = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crashes::a_node_to_be_killed", "--ignored", "--nocapture"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(node.stdout.take().unwrap()).lines();
    assert!(lines.map_while(Result::ok).any(|line| line == "ready"));
    let process = process("orphan");
    node.kill().unwrap();
    node.wait().unwrap();
    assert!(process.ends());
}
