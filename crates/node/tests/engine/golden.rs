//! Golden inputs are tried before a model is ready.

use crate::fixture::{engine, example, files, refusal};
use node::engine::{Engine, LoadError, ModelFiles};
use std::fs;

fn with_golden(name: &str, change: impl FnOnce(String) -> String) -> ModelFiles {
    let golden = change(fs::read_to_string(example(&format!("{name}/expected.json"))).unwrap());
    ModelFiles { golden: Some(golden.into()), ..files(name) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_gives_its_golden_answers_is_ready() {
    let engine = engine();
    for name in ["linear", "zipmap-names", "categories", "numbers", "strings"] {
        let loaded = engine.load(with_golden(name, |golden| golden)).await;
        assert!(loaded.is_ok(), "{name}: {:?}", loaded.err());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_gives_other_answers_is_not() {
    let engine = engine();
    let golden = |change: fn(String) -> String| with_golden("linear", change);
    let word = with_golden("strings", |golden| golden.replacen("two words", "two worlds", 1));
    let cases = [
        (golden(|golden| golden.replace("[0.98", "[0.97")), "case 1: output `probabilities` has 0.98"),
        (golden(|golden| golden.replace("\"data\": [0]", "\"data\": [1]")), "case 1: output `label` is another"),
        (word, "output `same` is another"),
        (golden(|golden| golden.replacen("\"X\"", "\"Y\"", 1)), "case 1: the model has no input `Y`"),
        (golden(|golden| golden.replacen("\"label\"", "\"lable\"", 1)), "no output `lable`"),
        (golden(|golden| golden.replacen("[1, 4]", "[4, 1]", 1)), "the model takes FP32 [-1, 4]"),
        (golden(|golden| golden.replacen("[1, 4]", "[1, 5]", 1)), "4 elements, which do not fit"),
        (golden(|golden| golden.replacen("\"FP32\"", "\"FP31\"", 1)), "cannot be read"),
        (golden(|golden| golden.replacen("\"FP32\"", "\"INT32\"", 1)), "which is no INT32"),
        (golden(|_| "[]".to_owned()), "0 cases"),
        (golden(|_| "no JSON".to_owned()), "cannot be read"),
    ];
    for (files, reason) in cases {
        match refusal(&engine, files).await {
            LoadError::Golden(found) => assert!(found.contains(reason), "{reason}: {found}"),
            other => panic!("{reason}: {other}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_off_by_less_than_the_tolerance_passes() {
    let rough = with_golden("linear", |golden| golden.replace("[0.98", "[0.97").replace("1e-05", "0.1"));
    assert!(engine().load(rough).await.is_ok());
}
