//! The binary tensor extension, in both directions.

use crate::{
    fake::{doubling, echo, strings},
    scene::{Answer, Scene},
};
use flate2::read::GzDecoder;
use serde_json::{Value, json};
use std::io::Read;

async fn ask(scene: &Scene, json: &Value, binary: &[u8]) -> Answer {
    let head = json.to_string();
    let length = head.len().to_string();
    scene.infer_with(&[("Inference-Header-Content-Length", &length)], &[head.as_bytes(), binary].concat()).await
}

fn floats(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

fn x(size: usize) -> Value {
    json!({ "name": "x", "shape": [1, 3], "datatype": "FP32", "parameters": { "binary_data_size": size } })
}

/// The JSON of an answer and the bytes after it.
fn split(answer: &Answer) -> (Value, &[u8]) {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let length = answer.header("inference-header-content-length").unwrap().parse().unwrap();
    let (head, rest) = answer.body.split_at(length);
    (serde_json::from_slice(head).unwrap(), rest)
}

#[tokio::test]
async fn tensors_come_and_go_as_bytes() {
    let scene = Scene::of(doubling()).await;
    let request = json!({ "inputs": [x(12)], "parameters": { "binary_data_output": true } });
    let answer = ask(&scene, &request, &floats(&[1.0, f32::NAN, 3.5])).await;
    let (head, rest) = split(&answer);
    assert_eq!(answer.header("content-type"), Some("application/octet-stream"));
    assert_eq!(head["outputs"][0]["parameters"]["binary_data_size"], 12);
    assert_eq!(head["outputs"][0].get("data"), None);
    assert_eq!(rest[..12], floats(&[2.0, f32::NAN, 7.0]));
    assert_eq!(rest[12..], 1_i64.to_le_bytes());
}

#[tokio::test]
async fn each_output_has_its_own_form() {
    let scene = Scene::of(doubling()).await;
    let data = floats(&[1.0, 2.0, 3.0]);
    let binary = json!({ "name": "doubled", "parameters": { "binary_data": true } });
    let answer = ask(&scene, &json!({ "inputs": [x(12)], "outputs": [{ "name": "count" }, binary] }), &data).await;
    let (head, rest) = split(&answer);
    assert_eq!((&head["outputs"][0]["data"], rest), (&json!([1]), floats(&[2.0, 4.0, 6.0]).as_slice()));

    let plain = json!({ "name": "count", "parameters": { "binary_data": false } });
    let parameters = json!({ "binary_data_output": true });
    let answer = ask(&scene, &json!({ "inputs": [x(12)], "outputs": [plain], "parameters": parameters }), &data).await;
    assert_eq!(answer.header("inference-header-content-length"), None);
    assert_eq!(answer.ok()["outputs"][0]["data"], json!([1]));
}

#[tokio::test]
async fn large_tensors_stand_between_small_ones() {
    let scene = Scene::of(echo()).await;
    let names = ["fp32", "uint8", "fp64", "int64"];
    let (mut inputs, mut data) = (Vec::new(), Vec::new());
    for (datatype, bytes) in [("FP32", 400_000), ("UINT8", 7), ("FP64", 800_000), ("INT64", 16)] {
        let count = bytes
            / if datatype == "UINT8" {
                1
            } else if datatype == "FP32" {
                4
            } else {
                8
            };
        inputs.push(json!({ "name": datatype.to_lowercase(), "shape": [count], "datatype": datatype, "parameters": { "binary_data_size": bytes } }));
        data.extend((0..bytes).map(|place| (place % 251) as u8));
    }
    // The model takes one of each datatype.
    for other in ["BOOL", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "FP16", "BF16", "BYTES"] {
        inputs.push(json!({ "name": other.to_lowercase(), "shape": [0], "datatype": other, "data": [] }));
    }
    let outputs = names.map(|name| json!({ "name": format!("{name}_out") }));
    let request = json!({ "inputs": inputs, "outputs": outputs, "parameters": { "binary_data_output": true } });
    let answer = ask(&scene, &request, &data).await;
    assert_eq!(answer.header("content-length"), Some(answer.body.len().to_string().as_str()));
    assert!(split(&answer).1 == data, "every byte comes back, in the order of the outputs");
    let head = request.to_string();
    let length = head.len().to_string();
    let packed = [("Inference-Header-Content-Length", length.as_str()), ("Accept-Encoding", "gzip")];
    let answer = scene.infer_with(&packed, &[head.as_bytes(), &data].concat()).await;
    assert_eq!(answer.header("content-encoding"), Some("gzip"));
    let mut body = Vec::new();
    GzDecoder::new(&answer.body[..]).read_to_end(&mut body).unwrap();
    assert!(body.ends_with(&data), "nor does packing lose any");
}

#[tokio::test]
async fn wrong_bytes_are_named() {
    let scene = Scene::of(doubling()).await;
    let data = floats(&[1.0, 2.0, 3.0]);
    let refused = async |input: Value, binary: &[u8]| ask(&scene, &json!({ "inputs": [input] }), binary).await.refused(400);
    assert!(refused(x(12), &data[..8]).await.contains("binary_data_size is 12, but only 8 bytes of binary data are left"));
    assert!(refused(x(8), &data[..8]).await.contains("3 elements of FP32 take 4 bytes each, but there are 8 bytes together"));
    assert!(refused(x(12), &[data.as_slice(), &[0]].concat()).await.contains("1 bytes of binary data are left over"));
    assert!(refused(x(usize::MAX), &data).await.contains("only 12 bytes"));
    let both = json!({ "name": "x", "shape": [1, 3], "datatype": "FP32", "data": [1], "parameters": { "binary_data_size": 4 } });
    assert!(refused(both, &data).await.contains("data and binary_data_size"));
    let neither = json!({ "name": "x", "shape": [1, 3], "datatype": "FP32" });
    assert!(refused(neither, b"").await.contains("it has no data"));
    let shared = json!({ "name": "x", "shape": [1, 3], "datatype": "FP32", "parameters": { "shared_memory_region": "r" } });
    assert!(refused(shared, b"").await.contains("shared memory is not supported"));
    let negative = json!({ "name": "x", "shape": [1, 3], "datatype": "FP32", "parameters": { "binary_data_size": -1 } });
    assert!(refused(negative, b"").await.contains("invalid value: integer `-1`"));
}

#[tokio::test]
async fn truncated_strings_and_other_booleans_are_refused() {
    let scene = Scene::of(strings()).await;
    let text = |size: usize, count: usize| json!({ "inputs": [{ "name": "text", "shape": [count], "datatype": "BYTES", "parameters": { "binary_data_size": size } }] });
    for (data, count, said) in [
        (&[9, 0, 0, 0, b'a'][..], 1, "element 0: it is cut off"),
        (&[0xff, 0xff, 0xff, 0xff], 1, "element 0: it is cut off"),
        (&[1, 0, 0, 0, b'a', 1, 0], 2, "element 1: it is cut off"),
        (&[1, 0, 0, 0, b'a'], 2, "the shape has 2 elements, but the data has 1"),
    ] {
        let answer = ask(&scene, &text(data.len(), count), data).await;
        let refused = answer.refused(400);
        assert!(refused.contains(said), "{refused}");
    }
    let scene = Scene::of(echo()).await;
    let bool =
        json!({ "inputs": [{ "name": "bool", "shape": [2], "datatype": "BOOL", "parameters": { "binary_data_size": 2 } }] });
    assert!(ask(&scene, &bool, &[1, 2]).await.refused(400).contains("element 1: a byte of BOOL is 0 or 1, not 2"));
}

#[tokio::test]
async fn hostile_header_lengths_are_refused() {
    let scene = Scene::of(doubling()).await;
    for (length, said) in [
        ("99999", "is 99999, but the body has only"),
        ("18446744073709551615", "the body has only"),
        ("18446744073709551616", "not a number"),
        ("-1", "not a number"),
        ("12abc", "not a number"),
        ("0", "without JSON is not supported"),
        ("5", "not an inference request"),
    ] {
        let answer = scene.infer_with(&[("Inference-Header-Content-Length", length)], b"{\"inputs\":[]}").await;
        let refused = answer.refused(400);
        assert!(refused.contains(said), "{length}: {refused}");
    }
    let twice = [("Inference-Header-Content-Length", "13"), ("Inference-Header-Content-Length", "5")];
    assert!(scene.infer_with(&twice, b"{\"inputs\":[]}").await.refused(400).contains("comes twice"));
    // Binary data without the header is not JSON, and a size without it has nothing to take from.
    let head = json!({ "inputs": [x(12)] }).to_string();
    assert!(scene.infer(&head).await.refused(400).contains("the request has no Inference-Header-Content-Length"));
    let answer = scene.infer_with(&[], &[head.as_bytes(), &[0xff; 12]].concat()).await;
    assert!(answer.refused(400).contains("say how long the JSON is"));
}
