//! Predictions in JSON.

use crate::{
    fake::{any_rank, doubling, echo, garbled, strings, wordless},
    scene::Scene,
};
use serde_json::{Value, json};

#[tokio::test]
async fn a_prediction_names_version_digest_and_approval() {
    let scene = Scene::of(doubling()).await;
    let body = r#"{"id":"a\"7","model_name":"ignored","inputs":[{"name":"x","shape":[2,3],"datatype":"FP32","data":[1,2,3,0.5,1e-3,-4],"more":{}}]}"#;
    let answer = scene.infer(body).await;
    assert_eq!(
        answer.ok(),
        json!({
            "model_name": "tumour", "model_version": "1", "id": "a\"7",
            "outputs": [
                { "name": "doubled", "datatype": "FP32", "shape": [2, 3], "parameters": { "classes": ["a", "b \"quoted\"", "c"] },
                  "data": [2.0, 4.0, 6.0, 1.0, 0.002, -8.0] },
                { "name": "count", "datatype": "INT64", "shape": [1], "data": [2] },
            ],
        })
    );
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("countersign-version"), Some("diagnosis/tumour:1"));
    assert_eq!(answer.header("countersign-model-digest"), Some("1".repeat(64).as_str()));
    assert_eq!(answer.header("countersign-approved"), Some("true"));
    assert_eq!(answer.header("countersign-revision"), Some("3"));
}

#[tokio::test]
async fn data_may_be_nested_as_the_shape_is() {
    let scene = Scene::of(doubling()).await;
    let answer = scene.infer(r#"{"inputs":[{"name":"x","shape":[2,3],"datatype":"FP32","data":[[1,2,3],[4,5,6]]}]}"#).await;
    assert_eq!(answer.ok()["outputs"][0]["data"], json!([2.0, 4.0, 6.0, 8.0, 10.0, 12.0]));
}

#[tokio::test]
async fn outputs_come_as_selected() {
    let scene = Scene::of(doubling()).await;
    let x = r#"{"name":"x","shape":[1,3],"datatype":"FP32","data":[1,2,3]}"#;
    let names = async |outputs: &str| {
        let answer = scene.infer(&format!(r#"{{"inputs":[{x}],"outputs":{outputs}}}"#)).await.ok();
        let names = answer["outputs"].as_array().unwrap().iter().map(|output| output["name"].as_str().unwrap().to_owned());
        names.collect::<Vec<_>>()
    };
    assert_eq!(names(r#"[{"name":"count"}]"#).await, ["count"]);
    assert_eq!(names(r#"[{"name":"count"},{"name":"doubled","parameters":{"other":1}}]"#).await, ["count", "doubled"]);
    assert_eq!(names("[]").await, ["doubled", "count"]);
    assert_eq!(names("null").await, ["doubled", "count"]);
}

#[tokio::test]
async fn every_datatype_goes_in_and_out() {
    let scene = Scene::of(echo()).await;
    let columns = [
        ("bool", json!([true, false])),
        ("uint8", json!([0, 255])),
        ("uint16", json!([0, 65535])),
        ("uint32", json!([0, 4_294_967_295_u32])),
        ("uint64", json!([0, u64::MAX])),
        ("int8", json!([-128, 127])),
        ("int16", json!([-32768, 32767])),
        ("int32", json!([i32::MIN, i32::MAX])),
        ("int64", json!([i64::MIN, i64::MAX])),
        ("fp16", json!(["NaN", "Infinity", "-Infinity", 0.1])),
        ("bf16", json!(["NaN", "Infinity", "-Infinity", 0.1])),
        ("fp32", json!(["NaN", "Infinity", "-Infinity", 0.1])),
        ("fp64", json!(["NaN", "Infinity", "-Infinity", 0.1])),
        ("bytes", json!(["", "Größe 漢字 \u{1} \"'"])),
    ];
    let inputs: Vec<Value> = columns
        .iter()
        .map(|(name, data)| json!({ "name": name, "datatype": name.to_uppercase(), "shape": [data.as_array().unwrap().len()], "data": data }))
        .collect();
    let outputs: Vec<Value> = columns.iter().map(|(name, _)| json!({ "name": format!("{name}_out") })).collect();
    let answer = scene.infer(&json!({ "inputs": inputs, "outputs": outputs }).to_string()).await.ok();
    for ((name, data), output) in columns.iter().zip(answer["outputs"].as_array().unwrap()) {
        assert_eq!((&output["data"], output["name"].as_str().unwrap()), (data, format!("{name}_out").as_str()));
    }
}

#[tokio::test]
async fn what_is_no_number_may_be_written_as_python_writes_it() {
    let scene = Scene::of(any_rank()).await;
    let asked = async |id: &str, data: &str| {
        let input = format!(r#"{{"name":"x","shape":[4],"datatype":"FP32","data":{data}}}"#);
        scene.infer(&format!(r#"{{"id":"{id}","inputs":[{input}]}}"#)).await
    };
    let words = json!(["NaN", "Infinity", "-Infinity", 1.0]);
    let answer = asked("NaN, -Infinity", "[NaN, Infinity,-Infinity , 1]").await.ok();
    assert_eq!((&answer["outputs"][0]["data"], &answer["id"]), (&words, &json!("NaN, -Infinity")));
    assert_eq!(asked("1", r#"["NaN","Infinity","-Infinity",1]"#).await.ok()["outputs"][0]["data"], words);
    // Other words of that kind are none, and the message says which there are.
    for data in ["[null,1,2,3]", r#"["nan",1,2,3]"#] {
        let refused = asked("1", data).await.refused(400);
        assert!(refused.contains(r#""NaN", "Infinity" and "-Infinity""#), "{refused}");
    }
}

#[tokio::test]
async fn an_input_without_a_shape_takes_any_number_of_dimensions() {
    let scene = Scene::of(any_rank()).await;
    for (shape, data) in [("[1,2]", "[1,2]"), ("[2]", "[1,2]"), ("[1,1,2]", "[[[1,2]]]"), ("[]", "[1]")] {
        let input = format!(r#"{{"name":"x","shape":{shape},"datatype":"FP32","data":{data}}}"#);
        let answer = scene.infer(&format!(r#"{{"inputs":[{input}]}}"#)).await.ok();
        assert_eq!(answer["outputs"][0]["shape"].to_string(), shape);
    }
    let metadata = scene.get("/v2/models/tumour").await.ok();
    assert_eq!(metadata["inputs"][0], json!({"name": "x", "datatype": "FP32", "shape": [], "parameters": {"any_rank": true}}));
}

#[tokio::test]
async fn no_rows_are_rows() {
    let scene = Scene::of(doubling()).await;
    let answer = scene.infer(r#"{"inputs":[{"name":"x","shape":[0,3],"datatype":"FP32","data":[]}]}"#).await.ok();
    assert_eq!(answer["outputs"][0]["data"], json!([]));
    assert_eq!(answer["outputs"][0]["shape"], json!([0, 3]));
}

#[tokio::test]
async fn strings_that_the_engine_cannot_take_are_refused_in_either_form() {
    let scene = Scene::of(strings()).await;
    let text = |rest: &str| format!(r#"{{"inputs":[{{"name":"text","datatype":"BYTES","shape":[1],{rest}}}]}}"#);
    let head = text(r#""parameters":{"binary_data_size":5}"#);
    let length = head.len().to_string();
    let headers = [("Inference-Header-Content-Length", length.as_str())];
    for byte in [0xff, 0] {
        let answer = scene.infer_with(&headers, &[head.as_bytes(), &[1, 0, 0, 0, byte]].concat()).await;
        assert!(answer.refused(400).contains("element 0: BYTES is a string in UTF-8 without the character NUL"), "{byte}");
    }
    scene.infer_with(&headers, &[head.as_bytes(), &[1, 0, 0, 0, b'a']].concat()).await.ok();
    let answer = scene.infer(&text(r#""data":["\u0000"]"#)).await;
    assert!(answer.refused(400).contains("element 0: BYTES is a string without the character NUL"));
}

#[tokio::test]
async fn strings_of_a_model_that_are_no_text_come_in_binary_form_only() {
    let scene = Scene::of(garbled()).await;
    let ask = async |parameters: &str| {
        let input = r#"{"name":"x","shape":[1],"datatype":"FP32","data":[1]}"#;
        scene.infer(&format!(r#"{{"inputs":[{input}],"parameters":{parameters}}}"#)).await
    };
    let said = ask("{}").await.refused(400);
    assert!(said.contains("output `y`: element 0 is not UTF-8") && said.contains("binary_data"), "{said}");
    let answer = ask(r#"{"binary_data_output":true}"#).await;
    assert_eq!(answer.status, 200);
    assert!(answer.body.ends_with(&[1, 0, 0, 0, 0xff]));
}

#[tokio::test]
async fn a_model_that_gives_other_outputs_is_a_fault_of_the_node() {
    let scene = Scene::of(wordless()).await;
    let answer = scene.infer(r#"{"inputs":[{"name":"x","shape":[1],"datatype":"FP32","data":[1]}]}"#).await;
    assert!(answer.refused(500).contains("other outputs"));
}
