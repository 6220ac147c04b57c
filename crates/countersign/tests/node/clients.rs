//! The clients that people have, against a node that serves real models: what they get is what ONNX Runtime answers in Python.

use crate::common::{
    self,
    node::{NodeOptions, example_models},
    scene::Place,
};
use serde_json::json;
use std::{fs, path::Path, process::Command, thread};

/// Names the Python that has the packages of `tests/requirements.txt`.
const PYTHON: &str = "COUNTERSIGN_TEST_PYTHON";
/// Each sends the inputs in every form that it knows, and compares every answer.
const CLIENTS: [&str; 3] = ["triton.py", "kserve_rest.py", OPEN_INFERENCE];
const OPEN_INFERENCE: &str = "open_inference_rest.py";
/// The model that takes the largest integers that there are.
const LARGEST: &str = "numbers";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_stock_clients_get_of_every_example_model_what_python_says() {
    let Some(python) = common::environment(PYTHON) else {
        assert!(
            common::sqlite_only(),
            "{PYTHON} is not set: run `cargo xtask test`; COUNTERSIGN_TEST_SQLITE_ONLY=1 leaves this test out"
        );
        return;
    };
    let place = Place::sqlite();
    let server = place.serve();
    let people = place.set(&server).await;
    let node = NodeOptions::of(&place, &server, &people).await.start();
    let models = example_models();
    let named = |name: &str| models.iter().any(|model| model.name == name);
    assert!(["linear", "gradient-boosting", "random-forest", "categories", "mlp", "cnn"].into_iter().all(named));
    for model in &models {
        let version = people.registered_from(&place, &model.folder);
        people.approve(&place, version);
        let shares = json!({"shares": [{"version": format!("diagnosis/tumour:{version}")}]});
        people.operator.post(&format!("/infrastructures/production/deployments/{}", model.name), shares).await.ok();
        // The last case is the one with most rows.
        let case = model.cases.last().expect("an example has a case");
        node.until(&model.name, &json!({"inputs": case["inputs"]}), |answer| answer.is_from(version)).await;
        let (python, url, service, case) = (python.clone(), node.url.clone(), model.name.clone(), case.clone());
        let file = place.desk().join(format!("{service}.json"));
        fs::write(&file, case.to_string()).unwrap();
        let talks = tokio::task::spawn_blocking(move || all_clients(&python, &url, &service, &file)).await.unwrap();
        for (client, (good, said)) in CLIENTS.into_iter().zip(talks) {
            if (client, model.name.as_str()) == (OPEN_INFERENCE, LARGEST) {
                // It writes every number as a float, which these integers are not: no answer is better than one for others.
                assert!(!good && said.contains("beyond 2^53"), "{said}");
            } else {
                assert!(good, "{}, {client}: {said}", model.name);
            }
        }
    }
    // None of them may be one that is content with everything.
    let mut wrong = models.iter().find(|model| model.name == "linear").unwrap().cases[0].clone();
    wrong["outputs"][1]["data"][0] = json!(0.5);
    let file = place.desk().join("wrong.json");
    fs::write(&file, wrong.to_string()).unwrap();
    let (url, file) = (node.url.clone(), file.clone());
    let talks = tokio::task::spawn_blocking(move || all_clients(&python, &url, "linear", &file)).await.unwrap();
    for (client, (good, said)) in CLIENTS.into_iter().zip(talks) {
        assert!(!good && said.contains("AssertionError"), "{client} sees no difference: {said}");
    }
    node.stop();
    server.stop();
}

/// Lets every client talk to the node, at the same time: whether all was as expected, and what it said.
fn all_clients(python: &str, url: &str, service: &str, expected: &Path) -> Vec<(bool, String)> {
    thread::scope(|scope| {
        let talks = CLIENTS.map(|client| scope.spawn(move || talk(python, client, url, service, expected)));
        talks.into_iter().map(|talk| talk.join().unwrap()).collect()
    })
}

fn talk(python: &str, client: &str, url: &str, service: &str, expected: &Path) -> (bool, String) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../node/tests/clients").join(client);
    let output = Command::new(python).arg("-B").arg(script).args([url, service]).arg(expected).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}
