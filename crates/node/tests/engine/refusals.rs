//! Models that are refused, and those whose trial fails.

use crate::{
    fixture::{SOON, engine, files, of_bytes, options, refusal, size},
    processes::marked_engine,
};
use node::engine::{Engine, InferError, LoadError, OperatorRule, OrtEngine};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn each_hostile_file_is_refused_with_its_reason() {
    let engine = engine();
    for (name, reason) in [
        ("external-data", "weights in other files"),
        ("foreign-operator", "the operator `Inverse` of `com.example`"),
        ("deep", "nests more than 32 levels"),
    ] {
        match refusal(&engine, files(name)).await {
            LoadError::Refused(found) => assert!(found.contains(reason), "{name}: {found}"),
            other => panic!("{name}: {other}"),
        }
    }
    let linear = files("linear").onnx;
    let cut = refusal(&engine, of_bytes(linear.slice(..linear.len() / 2))).await;
    assert!(matches!(&cut, LoadError::Refused(reason) if reason.contains("cut off")), "{cut}");
    let nothing = refusal(&engine, of_bytes(&b""[..])).await;
    assert!(matches!(&nothing, LoadError::Refused(reason) if reason.contains("no graph")), "{nothing}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_can_be_told_to_run_the_operators_of_the_standard_only() {
    let engine = marked_engine("standard", |options| options.operators = OperatorRule::Standard);
    for name in ["quantized", "text"] {
        let error = refusal(&engine, files(name)).await;
        assert!(matches!(&error, LoadError::Refused(reason) if reason.contains("--operators standard")), "{error}");
    }
    // A function of a model's own is made of them, and an import is no use.
    for name in ["local-function", "unused-domains"] {
        assert!(engine.load(files(name)).await.is_ok(), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_larger_than_allowed_is_refused() {
    let linear = files("linear");
    let limit = |bytes| marked_engine("large", |options| options.limits.model_bytes = bytes);
    let error = refusal(&limit(linear.onnx.len() - 1), linear.clone()).await;
    assert!(matches!(&error, LoadError::Refused(reason) if reason.contains("are allowed")), "{error}");
    assert!(limit(linear.onnx.len()).load(linear).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_protocol_cannot_carry_is_said() {
    let error = refusal(&engine(), files("sequence")).await;
    assert!(matches!(&error, LoadError::Refused(reason) if reason.contains("output `y` is a sequence")), "{error}");
    assert!(
        error.to_string().contains("under a name of its own") && error.to_string().contains("MultiOutputClassifier"),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locale_that_the_machine_does_not_have_is_named_with_what_helps() {
    let error = refusal(&engine(), files("locale")).await;
    assert!(
        matches!(&error, LoadError::Failed(reason) if reason.contains("the locale xx_XX.UTF-8, which this machine does not have")),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_asks_for_a_gigabyte_fails_its_trial() {
    let engine = marked_engine("gigabyte", |options| options.limits.memory = 700 << 20);
    let error = refusal(&engine, files("gigabyte")).await;
    assert!(matches!(&error, LoadError::Trial(reason) if reason.contains("more memory than the 700 MiB")), "{error}");
    assert!(engine.load(files("linear")).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_asks_for_too_much_memory_fails_alone() {
    let engine = marked_engine("greedy", |options| options.limits.memory = 700 << 20);
    let model = engine.load(files("greedy")).await.unwrap();
    let error = model.infer(vec![size(1 << 30)], vec![0], SOON).await.unwrap_err();
    assert!(matches!(&error, InferError::Failed(reason) if reason.contains("more memory than it may have")), "{error}");
    // Memory it has enough for this one, but nobody waits for so long an answer.
    let error = model.infer(vec![size(20 << 20)], vec![0], SOON).await.unwrap_err();
    assert!(matches!(&error, InferError::Failed(reason) if reason.contains("larger than 64 MiB")), "{error}");
    let answer = model.infer(vec![size(3)], vec![0], SOON).await.unwrap();
    assert_eq!(answer[0].data, [0; 12][..]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_is_not_ready_in_time_fails_its_trial() {
    let engine = marked_engine("slow", |options| options.limits.load_time = Duration::from_millis(1));
    let error = refusal(&engine, files("linear")).await;
    assert!(matches!(&error, LoadError::Trial(reason) if reason.contains("not ready after 1ms")), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_the_library_refuses_is_refused_in_its_words() {
    // As ONNX it says nothing wrong; but there is no such operator.
    let mut file = files("half").onnx.to_vec();
    let place = file.windows(8).position(|window| window == b"Identity").unwrap();
    file[place..place + 8].copy_from_slice(b"Ydentity");
    let error = refusal(&OrtEngine::new(options()).unwrap(), of_bytes(file)).await;
    assert!(matches!(&error, LoadError::Failed(reason) if reason.contains("Ydentity")), "{error}");
}
