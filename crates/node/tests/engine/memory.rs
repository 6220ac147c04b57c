//! The memory of processes: it comes back, and all of them together have a bound.

use crate::{
    crashes::until_it_answers,
    fixture::{SOON, files, refusal, size},
    processes::{marked_engine, process},
};
use node::engine::{Engine, LoadError};
use std::time::Instant;

/// What the model gives for it, in MiB.
const MIB: i64 = 60;
/// The request for that many, in single precision.
const LARGE: i64 = MIB << 18;

#[tokio::test(flavor = "multi_thread")]
async fn memory_of_a_large_request_is_given_back() {
    let engine = marked_engine("large-once", |_| ());
    let model = engine.load(files("greedy")).await.unwrap();
    model.infer(vec![size(3)], vec![0], SOON).await.unwrap();
    let process = process("large-once");
    let before = process.memory();
    // That much that the library computes, and the same once more in the answer.
    assert_eq!(model.infer(vec![size(LARGE)], vec![0], SOON).await.unwrap()[0].data.len(), (MIB as usize) << 20);
    let begun = Instant::now();
    while process.memory() > before + 30 {
        assert!(begun.elapsed() < SOON, "the process keeps {} MiB after {before} MiB", process.memory());
        tokio::task::yield_now().await;
    }
    model.infer(vec![size(3)], vec![0], SOON).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_process_with_the_most_memory_makes_room_where_all_have_too_much() {
    let probe = marked_engine("probe", |_| ());
    let first = probe.load(files("greedy")).await.unwrap();
    first.infer(vec![size(3)], vec![0], SOON).await.unwrap();
    let usual = process("probe").memory() as u64;
    // Two of them fit, but not the answer of one beside that.
    let engine = marked_engine("room", |options| options.limits.all_memory = (2 * usual + MIB as u64 / 2) << 20);
    let (small, large) = (engine.load(files("linear")).await.unwrap(), engine.load(files("greedy")).await.unwrap());
    let begun = Instant::now();
    let ended = loop {
        if let Some(ended) = large.health().ended_lately {
            break ended;
        }
        // It would give the memory back by itself, if nothing came.
        let _ = large.infer(vec![size(LARGE)], vec![0], SOON).await;
        assert!(begun.elapsed() < SOON, "nobody minds the memory: {:?}", large.health());
    };
    assert!(ended.contains("--memory"), "{ended}");
    until_it_answers(&large, || vec![size(3)]).await;
    assert_eq!(small.health().restarts, 0, "it is the one that takes the memory");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_without_room_beside_the_others_is_not_loaded() {
    let engine = marked_engine("no-room", |options| options.limits.all_memory = 1 << 20);
    let error = refusal(&engine, files("linear")).await;
    assert!(matches!(&error, LoadError::Trial(reason) if reason.contains("--memory leaves 1 MiB for all")), "{error}");
}
