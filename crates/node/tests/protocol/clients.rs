//! The clients that people have, as they come from their package index, talk to the face as to any other server of the protocol.

use crate::{
    fake::{doubling, strings},
    scene::Scene,
};
use node::engine::Model;
use serde_json::{Value, json};
use std::{fs, path::Path, process::Command, sync::Arc};

/// Names the Python that has the packages of `tests/requirements.txt`.
const PYTHON: &str = "COUNTERSIGN_TEST_PYTHON";

#[expect(clippy::disallowed_methods, reason = "xtask says by the environment what the tests can use")]
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

async fn run(script: &str) {
    let Some(python) = environment(PYTHON) else {
        assert_eq!(
            environment("COUNTERSIGN_TEST_SQLITE_ONLY").as_deref(),
            Some("1"),
            "{PYTHON} is not set: run `cargo xtask test`; COUNTERSIGN_TEST_SQLITE_ONLY=1 leaves this test out"
        );
        return;
    };
    let numbers = json!({
        "inputs": [{ "name": "x", "shape": [2, 3], "datatype": "FP32", "data": [1.0, -2.5, 3e10, 0.0, 5.0, 0.1] }],
        "outputs": [
            { "name": "doubled", "shape": [2, 3], "datatype": "FP32", "data": [2.0, -5.0, 6e10, 0.0, 10.0, 0.2] },
            { "name": "count", "shape": [1], "datatype": "INT64", "data": [2] },
        ],
    });
    // Long enough for an answer that is worth packing.
    let words = json!(["", "Größe 漢字 \"quoted\"", "again and ".repeat(500)]);
    let texts = json!({
        "inputs": [{ "name": "text", "shape": [3], "datatype": "BYTES", "data": words }],
        "outputs": [{ "name": "echoed", "shape": [3], "datatype": "BYTES", "data": words }],
    });
    agrees(&python, script, doubling(), &numbers).await;
    agrees(&python, script, strings(), &texts).await;
    let mut wrong = numbers;
    wrong["outputs"][0]["data"][2] = json!(7.0);
    let (good, said) = talk(&python, script, doubling(), &wrong).await;
    assert!(!good && said.contains("AssertionError"), "the script sees no difference: {said}");
}

async fn agrees(python: &str, script: &str, model: Arc<dyn Model>, expected: &Value) {
    let (good, said) = talk(python, script, model, expected).await;
    assert!(good, "{said}");
    println!("{said}");
}

/// Lets the client talk to a node with this model: whether all was as expected, and what it said.
async fn talk(python: &str, script: &str, model: Arc<dyn Model>, expected: &Value) -> (bool, String) {
    let scene = Scene::of(model).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("expected.json");
    fs::write(&file, expected.to_string()).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(script);
    let mut command = Command::new(python);
    command.arg("-B").arg(script).arg(format!("http://{}", scene.address)).arg("tumour").arg(&file);
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

#[tokio::test]
async fn tritonclient() {
    run("triton.py").await;
}

#[tokio::test]
async fn kserve() {
    run("kserve_rest.py").await;
}

#[tokio::test]
async fn open_inference_openapi() {
    run("open_inference_rest.py").await;
}
