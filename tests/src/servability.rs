//! A version that no node can serve says so when it is registered and when its review is requested, not after the sign-off.

use serde_json::json;
use testkit::{Scene, TestServer, both};

const LINEAR: &[u8] = include_bytes!("../../examples/models/linear/model.onnx");
const POINTER: &[u8] = b"version https://git-lfs.github.com/spec/v1\noid sha256:0000\nsize 1048576\n";

/// A field of a protobuf message.
fn field(number: u8, content: &[u8]) -> Vec<u8> {
    [&[number << 3 | 2, content.len() as u8][..], content].concat()
}

/// An ONNX file whose graph has this field.
fn model(graph: &[u8]) -> Vec<u8> {
    [field(7, graph), field(8, &[0x10, 18])].concat()
}

/// A model with an operator of another domain than ONNX's own.
fn foreign_operator() -> Vec<u8> {
    model(&field(1, &[field(4, b"Magic"), field(7, b"com.example")].concat()))
}

/// A model with its weights in another file.
fn external_weights() -> Vec<u8> {
    model(&field(5, &field(13, &[field(1, b"location"), field(2, b"weights.bin")].concat())))
}

both! {
    async fn what_no_node_can_serve_is_said_at_registration_and_at_the_review_request(server: &TestServer) {
        let scene = Scene::set(server).await;
        let (foreign, external) = (foreign_operator(), external_weights());
        for (files, words) in [
            (&[("model.onnx", POINTER)][..], ["model.onnx is a pointer of Git LFS", "git lfs pull"]),
            (&[("README.md", b"# It"), ("model.pkl", b"\x80\x04.")], ["no ONNX file", "model.pkl is a pickle"]),
            (&[("model.onnx", b"\x80\x04.")], ["model.onnx is a pickle", "export the model as ONNX"]),
            (&[("a.onnx", LINEAR), ("b.onnx", LINEAR)], ["2 ONNX files", "call one model.onnx"]),
            (&[("model.onnx", &external)], ["weights in other files", "save it as one file"]),
            (&[("model.onnx", &foreign)], ["com.example", "ai.onnx"]),
            (&[("model.onnx", &LINEAR[..LINEAR.len() - 1])], ["cut off", "No node can serve this version"]),
        ] {
            let upload = scene.scientist.upload(files).await;
            let registered = scene.scientist.post("/projects/diagnosis/models/tumour/versions", json!({"upload": upload})).await.ok();
            let version = testkit::Version::of(&registered);
            let shown = scene.scientist.get(&version.path).await.ok();
            let asked = scene.scientist.command(&version, "request", json!({})).await.ok();
            for view in [&registered, &shown, &asked] {
                let warning = view["warnings"][0].as_str().unwrap_or_default();
                assert!(words.iter().all(|word| warning.contains(word)), "{words:?} {view}");
            }
        }
    }

    async fn a_version_without_a_signature_gets_the_one_that_its_file_declares(server: &TestServer) {
        let scene = Scene::set(server).await;
        let bare = scene.version_of(&[("model.onnx", LINEAR)], json!({})).await;
        let signature = &scene.scientist.get(&bare.path).await.ok()["fields"]["signature"];
        assert_eq!((&signature["read_from"], &signature["inputs"][0]["datatype"]), (&json!("model.onnx"), &json!("float32")));
        assert!(signature["operators"].as_object().is_some_and(|operators| !operators.is_empty()), "{signature}");

        let given = json!({"inputs": [{"name": "x", "datatype": "tensor(float)", "shape": [-1, 4]}], "outputs": []});
        let told = scene.version_of(&[("model.onnx", LINEAR)], json!({"signature": given})).await;
        assert_eq!(scene.scientist.get(&told.path).await.ok()["fields"]["signature"], given, "what its author says stands");
        let none = scene.version_of(&[("model.pkl", b"\x80\x04.")], json!({})).await;
        assert!(scene.scientist.get(&none.path).await.ok()["fields"]["signature"].is_null());

        let page = server.browser_of("scientist").await.get(&format!("{}/schema", bare.path)).await.text();
        for part in ["Inputs and outputs", "float32", "Read from", "model.onnx", "Operators"] {
            assert!(page.contains(part), "{part}: {page}");
        }
    }

    async fn what_a_node_can_serve_has_no_warning(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.version_of(&[("README.md", b"# It"), ("model.onnx", LINEAR)], json!({})).await;
        assert!(scene.scientist.get(&version.path).await.ok().get("warnings").is_none());
        let asked = scene.scientist.command(&version, "request", json!({})).await.ok();
        assert_eq!(asked["warnings"], json!([]));
    }
}
