//! Golden inputs are tried before a model is ready.

use crate::{
    fixture::{engine, example, files, refusal},
    processes::marked_engine,
};
use node::engine::{Engine, LoadError, ModelFiles};
use std::{fs, time::Duration};

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
    ];
    for (files, reason) in cases {
        match refusal(&engine, files).await {
            LoadError::Golden(found) => assert!(found.contains(reason), "{reason}: {found}"),
            other => panic!("{reason}: {other}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn golden_inputs_that_do_not_fit_the_model_are_a_fault_of_their_file() {
    let engine = engine();
    let golden = |change: fn(String) -> String| with_golden("linear", change);
    let cases = [
        (golden(|golden| golden.replacen("\"X\"", "\"Y\"", 1)), "case 1: the model has no input `Y`"),
        (golden(|golden| golden.replacen("\"label\"", "\"lable\"", 1)), "no output `lable`"),
        (golden(|golden| golden.replacen("[1, 4]", "[4, 1]", 1)), "the model takes FP32 [-1, 4]"),
        (golden(|golden| golden.replacen("[1, 4]", "[1, 5]", 1)), "`X`: shape [1, 5] has 5 elements, but data has 4"),
        (golden(|golden| golden.replacen("\"FP32\"", "\"FP31\"", 1)), "there is no datatype `FP31`"),
        (golden(|golden| golden.replacen("\"FP32\"", "\"INT32\"", 1)), "INT32 is a whole number"),
        (golden(|golden| golden.replacen("1e-05", "-1e-05", 1)), "case 1: tolerance is -0.00001, and 0 to 1 make sense"),
        (golden(|golden| golden.replacen("1e-05", "10", 1)), "case 1: tolerance is 10"),
        (golden(|_| "[]".to_owned()), "0 cases"),
        (golden(|_| "no JSON".to_owned()), "cannot be read"),
    ];
    for (files, reason) in cases {
        match refusal(&engine, files).await {
            LoadError::GoldenFile(found) => assert!(found.contains(reason), "{reason}: {found}"),
            other => panic!("{reason}: {other}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn golden_inputs_are_read_as_requests_are() {
    // The model gives back what it gets: what is not a number as such, and truth in either form.
    let words = with_golden("numbers", |golden| golden.replace("-1.7976931348623157e+308", "\"NaN\""));
    assert!(engine().load(words).await.is_ok());
    let bare = with_golden("numbers", |golden| golden.replace("-1.7976931348623157e+308", "NaN"));
    assert!(engine().load(bare).await.is_ok(), "as Python writes it");
    let digits = with_golden("numbers", |golden| golden.replace("[true, false, true]", "[1, 0, 1]"));
    assert!(engine().load(digits).await.is_ok());
    let other = with_golden("numbers", |golden| golden.replacen("-1.7976931348623157e+308", "\"NaN\"", 1));
    assert!(matches!(refusal(&engine(), other).await, LoadError::Golden(_)), "what is not a number is equal to itself only");
}

#[tokio::test(flavor = "multi_thread")]
async fn golden_inputs_that_take_too_long_are_told_as_such() {
    let engine = marked_engine("golden", |options| options.limits.load_time = Duration::from_secs(3));
    let x = |role: &str, name: &str| format!(r#""{role}":[{{"name":"{name}","shape":[1],"datatype":"FP32","data":[1]}}]"#);
    let loaded = engine.load(files("endless-loop")).await.unwrap();
    let output = loaded.signature().outputs[0].name.clone();
    let golden = format!("[{{{},{}}}]", x("inputs", "x"), x("outputs", &output));
    let error = refusal(&engine, ModelFiles { golden: Some(golden.into()), ..files("endless-loop") }).await;
    assert!(matches!(&error, LoadError::GoldenTime(found) if found.contains("case 1 had no answer")), "{error}");
    assert!(error.to_string().contains("took longer than --load-time"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_off_by_less_than_the_tolerance_passes() {
    let rough = with_golden("linear", |golden| golden.replace("[0.98", "[0.97").replace("1e-05", "0.1"));
    assert!(engine().load(rough).await.is_ok());
}
