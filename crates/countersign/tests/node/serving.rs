//! From a deployment to a prediction: within a second, equal to ONNX Runtime's answer in Python, with the version that answered.

use crate::common::{
    node::{NodeOptions, example_models, patients},
    scene::Place,
};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_approved_version_is_served_and_says_who_it_is() {
    let place = Place::sqlite();
    let server = place.serve();
    let people = place.set(&server).await;
    let node = NodeOptions::of(&place, &server, &people).await.start();
    let inputs = patients();
    assert_eq!(node.predict("tumour", &inputs).await.status, 404);
    let version = people.registered(&place, "logistic-regression");
    assert_eq!(people.deploy(version).await.status, 403, "it is not approved");
    assert_eq!(node.predict("tumour", &inputs).await.status, 404, "what the gate denied is not served");
    people.approve(&place, version);
    let deployed = people.deploy(version).await.ok();
    let answer = node.until("tumour", &inputs, |answer| answer.status == 200).await;
    assert_eq!((answer.version.as_str(), answer.approved.as_str(), answer.revision), ("diagnosis/tumour:1", "true", 1));
    assert_eq!(json!(answer.digest), deployed["revision"]["shares"][0]["model_digest"]);
    assert_eq!(answer.json["outputs"][0]["data"], json!([1, 0]), "one malignant, one benign");

    let metadata = node.get("/v2/models/tumour").await.json;
    assert_eq!((&metadata["versions"], &metadata["inputs"][0]["datatype"]), (&json!(["1"]), &json!("FP32")));
    let load = node.ask("/v2/repository/models/tumour/load", &json!({})).await;
    assert_eq!(load.status, 403);

    people.operator.post("/infrastructures/production/deployments/tumour/stop", json!({})).await.ok();
    node.until("tumour", &inputs, |answer| answer.status == 404).await;
    node.stop();
    let left = people.root.get("/infrastructures/production/nodes").await.ok();
    assert_eq!(left["items"], json!([]), "a node that stops in order says so");
    server.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_example_model_answers_as_it_does_in_python() {
    let place = Place::sqlite();
    let server = place.serve();
    let people = place.set(&server).await;
    let node = NodeOptions::of(&place, &server, &people).await.start();
    let models = example_models();
    assert!(models.len() >= 10, "{} models", models.len());
    for model in &models {
        let version = people.registered_from(&place, &model.folder);
        people.approve(&place, version);
        people.deploy(version).await.ok();
        for case in &model.cases {
            let request = json!({"inputs": case["inputs"]});
            let answer = node.until("tumour", &request, |answer| answer.is_from(version)).await;
            same_outputs(&answer.json["outputs"], &case["outputs"], &model.name);
        }
    }
    node.stop();
    server.stop();
}

/// Names, types, shapes and texts equal; numbers as near as their precision allows.
fn same_outputs(found: &Value, expected: &Value, model: &str) {
    let (found, expected) = (found.as_array().unwrap(), expected.as_array().unwrap());
    assert_eq!(found.len(), expected.len(), "{model}");
    for (found, expected) in found.iter().zip(expected) {
        for key in ["name", "datatype", "shape"] {
            assert_eq!(found[key], expected[key], "{model}");
        }
        let (found, expected) = (found["data"].as_array().unwrap(), expected["data"].as_array().unwrap());
        assert_eq!(found.len(), expected.len(), "{model}");
        for (found, expected) in found.iter().zip(expected) {
            let near = match (found.as_f64(), expected.as_f64()) {
                (Some(found), Some(expected)) => (found - expected).abs() <= 1e-5 * expected.abs().max(1.0),
                _ => found == expected,
            };
            assert!(near, "{model}: {found} instead of {expected}");
        }
    }
}
