//! Models answer as Python's ONNX Runtime does.

use crate::{
    fixture::{SOON, example, files, floats, load, tensor},
    oip::{assert_close, cases},
};
use node::{
    engine::{Engine, InferError},
    tensor::{Datatype, TensorSpec},
};
use std::fs;

const MODELS: [&str; 16] = [
    "linear",
    "gradient-boosting",
    "random-forest",
    "mlp",
    "cnn",
    "categories",
    "zipmap",
    "zipmap-names",
    "numbers",
    "strings",
    "unused-domains",
    "no-shape",
    "text",
    "quantized",
    "local-function",
    "int-div",
];

#[tokio::test(flavor = "multi_thread")]
async fn every_model_answers_as_python_does() {
    let engine = crate::fixture::engine();
    for name in MODELS {
        let model = engine.load(files(name)).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        let expected = cases(&fs::read_to_string(example(&format!("{name}/expected.json"))).unwrap());
        assert!(!expected.is_empty());
        // Twice, since memory of the last request is used again.
        for case in expected.iter().chain(&expected) {
            let all = (0..model.signature().outputs.len()).collect();
            let answer = model.infer(case.inputs.clone(), all, SOON).await.unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(answer.len(), case.outputs.len(), "{name}");
            for (found, expected) in answer.iter().zip(&case.outputs) {
                assert_close(found, expected, name);
            }
        }
    }
}

fn spec(name: &str, datatype: Datatype, shape: &[i64], classes: Option<&[&str]>) -> TensorSpec {
    let classes = classes.map(|classes| classes.iter().map(|class| (*class).to_owned()).collect());
    TensorSpec { name: name.to_owned(), datatype, shape: shape.to_vec(), any_rank: false, classes }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_says_what_a_model_takes_and_gives() {
    let words = load("zipmap-names").await;
    assert_eq!(words.signature().inputs, [spec("X", Datatype::Fp32, &[-1, 4], None)]);
    let classes: &[&str] = &["setosa", "versicolor", "virginica"];
    assert_eq!(
        words.signature().outputs,
        [spec("output_label", Datatype::Bytes, &[-1], None), spec("output_probability", Datatype::Fp32, &[-1, 3], Some(classes))]
    );
    let table = load("categories").await;
    let inputs: Vec<_> = table.signature().inputs.iter().map(|spec| (spec.name.as_str(), spec.datatype)).collect();
    let (bytes, floats) = (Datatype::Bytes, Datatype::Fp32);
    assert_eq!(inputs, [("site", bytes), ("stage", bytes), ("age", floats), ("size", floats)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_input_without_a_shape_takes_any_number_of_dimensions_and_a_scalar_takes_none() {
    let any = load("no-shape").await;
    assert!(any.signature().inputs[0].any_rank && any.signature().inputs[0].shape.is_empty());
    for shape in [&[1, 4][..], &[4]] {
        let answer = any.infer(vec![floats("X", shape, &[5.1, 3.5, 1.4, 0.2])], vec![0], SOON).await.unwrap();
        assert_eq!(answer[0].data, 0_i64.to_le_bytes()[..]);
    }
    // What the model cannot take is for the library to say.
    let wrong = any.infer(vec![floats("X", &[1, 1, 4], &[5.1, 3.5, 1.4, 0.2])], vec![0], SOON).await;
    assert!(matches!(wrong, Err(InferError::Inputs(_))), "{wrong:?}");
    let linear = load("linear").await;
    assert!(linear.signature().inputs.iter().chain(&linear.signature().outputs).all(|spec| !spec.any_rank));
}

#[tokio::test(flavor = "multi_thread")]
async fn outputs_come_as_they_were_asked_for_and_inputs_in_any_order() {
    let model = load("categories").await;
    let case = cases(&fs::read_to_string(example("categories/expected.json")).unwrap()).remove(1);
    let mut inputs = case.inputs;
    inputs.reverse();
    let answer = model.infer(inputs.clone(), vec![1, 0, 1], SOON).await.unwrap();
    for (found, place) in answer.iter().zip([1, 0, 1]) {
        assert_close(found, &case.outputs[place], "categories");
    }
    assert_eq!(model.infer(inputs, vec![], SOON).await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_of_16_bits_go_in_and_out() {
    for (name, datatype) in [("half", Datatype::Fp16), ("brain", Datatype::Bf16)] {
        let model = load(name).await;
        let halves = [0x3c00_u16, 0xfc00, 0x7e00, 0x0001].map(u16::to_le_bytes).concat();
        let answer = model.infer(vec![tensor("x", datatype, &[4], halves.clone())], vec![0], SOON).await.unwrap();
        assert_eq!(answer, [tensor("y", datatype, &[4], halves)]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_batch_has_an_empty_answer() {
    let model = load("linear").await;
    let answer = model.infer(vec![floats("X", &[0, 4], &[])], vec![1], SOON).await.unwrap();
    assert_eq!((&answer[0].shape[..], answer[0].data.len()), (&[0, 3][..], 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_inputs_are_refused_and_do_no_harm() {
    let model = load("linear").await;
    let right = floats("X", &[1, 4], &[5.1, 3.5, 1.4, 0.2]);
    let wrong = [
        (vec![], "0 inputs"),
        (vec![right.clone(), right.clone()], "2 inputs"),
        (vec![floats("Y", &[1, 4], &[0.0; 4])], "an input `X`"),
        (vec![tensor("X", Datatype::Int64, &[1, 4], vec![0; 32])], "the datatype FP32"),
        (vec![floats("X", &[1, 3], &[0.0; 3])], "X"),
        (vec![floats("X", &[2, 4], &[0.0; 4])], "do not fit its shape"),
        (vec![floats("X", &[100_000, 4], &vec![0.0; 300_000])], "do not fit its shape"),
        (vec![floats("X", &[i64::MAX, 4], &[0.0; 4])], "shape"),
        (vec![floats("X", &[-1, -4], &[0.0; 4])], "shape"),
    ];
    for (inputs, reason) in wrong {
        match model.infer(inputs, vec![0], SOON).await {
            Err(InferError::Inputs(found)) => assert!(found.contains(reason), "{found}"),
            other => panic!("{reason}: {other:?}"),
        }
    }
    let words = load("strings").await;
    for data in [b"\x02\0\0\0a".to_vec(), b"\x01\0\0\0\xff\0\0\0\0".to_vec(), b"\x01\0\0\0\0\0\0\0\0".to_vec(), vec![]] {
        let answer = words.infer(vec![tensor("words", Datatype::Bytes, &[1, 2], data)], vec![0], SOON).await;
        assert!(matches!(answer, Err(InferError::Inputs(_))), "{answer:?}");
    }
    assert!(model.infer(vec![right], vec![0, 1], SOON).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_words_are_refused_before_they_take_memory() {
    let engine = crate::processes::marked_engine("words", |options| options.limits.memory = 700 << 20);
    let model = engine.load(files("strings")).await.unwrap();
    // Some of what a body may hold, of words with one letter each.
    let rows = 1_600_000;
    let data = b"\x01\0\0\0a".repeat(2 * rows);
    let answer = model.infer(vec![tensor("words", Datatype::Bytes, &[rows as i64, 2], data)], vec![0], SOON).await;
    assert!(matches!(&answer, Err(InferError::Inputs(reason)) if reason.contains("3200000 words")), "{answer:?}");
    assert_eq!(model.health().restarts, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn large_requests_and_many_at_once_are_answered_each_with_its_own() {
    let engine = crate::processes::marked_engine("many", |options| options.sessions = 3);
    let model = engine.load(files("numbers")).await.unwrap();
    let case = cases(&fs::read_to_string(example("numbers/expected.json")).unwrap()).remove(0);
    let place = model.signature().outputs.iter().position(|spec| spec.name == "int64_out").unwrap();
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..48_i64 {
        let (model, mut inputs) = (model.clone(), case.inputs.clone());
        // From nothing to two megabytes.
        let content = vec![number; (number * number * 120) as usize];
        let data: Vec<u8> = content.iter().flat_map(|number| number.to_le_bytes()).collect();
        *inputs.iter_mut().find(|input| input.name == "int64").unwrap() =
            tensor("int64", Datatype::Int64, &[content.len() as i64], data.clone());
        tasks.spawn(async move {
            let answer = model.infer(inputs, vec![place], SOON).await.unwrap();
            assert!(answer[0].data == data, "the answer to {number} is another's");
        });
    }
    assert_eq!(tasks.join_all().await.len(), 48);
}
