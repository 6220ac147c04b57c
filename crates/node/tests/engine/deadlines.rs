//! Requests that take too long are stopped, and cost nobody else more than their own time.

use crate::{
    fixture::{SOON, files, load, loops, size},
    processes::{marked_engine, process},
};
use futures_util::{FutureExt, future::join_all};
use node::engine::{Engine, InferError};
use std::time::{Duration, Instant};

const SHORT: Duration = Duration::from_millis(200);

#[tokio::test(flavor = "multi_thread")]
async fn an_endless_loop_is_stopped_at_its_deadline_and_the_model_goes_on() {
    let engine = marked_engine("loop", |_| ());
    let model = engine.load(files("endless-loop")).await.unwrap();
    let before = process("loop").place();
    for _ in 0..3 {
        assert_eq!(model.infer(loops(1.0), vec![0], SHORT).await, Err(InferError::Deadline(SHORT)));
        assert_eq!(model.infer(loops(-1.0), vec![0], SOON).await.unwrap()[0].data, (-1.0_f32).to_le_bytes()[..]);
    }
    assert_eq!(process("loop").place(), before, "it was stopped, not killed");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_time_in_the_queue_counts() {
    let model = load("endless-loop").await;
    let first = model.infer(loops(1.0), vec![0], SHORT * 2);
    let second = model.infer(loops(-1.0), vec![0], SHORT);
    let (first, second) = tokio::join!(first, second);
    assert_eq!((first, second), (Err(InferError::Deadline(SHORT * 2)), Err(InferError::Deadline(SHORT))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_goes_away_before_its_turn_costs_no_run() {
    let model = load("endless-loop").await;
    let begun = Instant::now();
    let first = model.infer(loops(1.0), vec![0], SHORT);
    let gone = async {
        let mut others: Vec<_> = (0..20).map(|_| model.infer(loops(1.0), vec![0], SOON)).collect();
        for other in &mut others {
            assert!(other.now_or_never().is_none());
        }
    };
    // The one at work goes away, too.
    let (first, ()) = tokio::join!(first, gone);
    assert_eq!(first, Err(InferError::Deadline(SHORT)));
    assert!(model.infer(loops(1.0), vec![0], SOON).now_or_never().is_none());
    assert!(model.infer(loops(-1.0), vec![0], SOON).await.is_ok());
    assert!(begun.elapsed() < SOON, "the others ran for {:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_cannot_be_stopped_costs_the_process() {
    let engine = marked_engine("stubborn", |_| ());
    let model = engine.load(files("stubborn")).await.unwrap();
    let before = process("stubborn");
    let begun = Instant::now();
    assert_eq!(model.infer(vec![size(400_000)], vec![0], SHORT).await, Err(InferError::Deadline(SHORT)));
    assert!(begun.elapsed() < Duration::from_secs(2), "the client was told after {:?}", begun.elapsed());
    assert_eq!(model.infer(vec![size(2)], vec![0], SOON).await, Err(InferError::Crashed));
    assert!(begun.elapsed() < Duration::from_secs(8), "it was killed after {:?}", begun.elapsed());
    assert!(before.ends());
    let answer = crate::crashes::until_it_answers(&model, || vec![size(2)]).await;
    assert_eq!(answer[0].shape, [2, 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_is_busy_and_takes_requests_again_afterwards() {
    let engine = marked_engine("busy", |options| options.limits.queue = 3);
    let model = engine.load(files("endless-loop")).await.unwrap();
    let results = join_all((0..6).map(|_| model.infer(loops(1.0), vec![0], SHORT))).await;
    let count = |wanted: &InferError| results.iter().filter(|result| result.as_ref() == Err(wanted)).count();
    assert_eq!((count(&InferError::Deadline(SHORT)), count(&InferError::Busy)), (4, 2));
    let mut answer = model.infer(loops(-1.0), vec![0], SOON).await;
    while answer == Err(InferError::Busy) {
        tokio::task::yield_now().await;
        answer = model.infer(loops(-1.0), vec![0], SOON).await;
    }
    assert!(answer.is_ok(), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_does_not_wait_for_the_next_request() {
    let model = load("endless-loop").await;
    // Both are sent in one message, and the second one runs until it is called off.
    let fast = model.infer(loops(-1.0), vec![0], SHORT * 10);
    let slow = model.infer(loops(1.0), vec![0], SHORT * 20);
    let (fast, slow) = tokio::join!(fast, slow);
    assert!(fast.is_ok(), "{fast:?}");
    assert_eq!(slow, Err(InferError::Deadline(SHORT * 20)));
}
