//! A node fetches by digest what is in force on its infrastructure, and nothing else.

use proof::Sha256;
use serde_json::{Value, json};
use testkit::{Client, Reply, Scene, TestServer, Version, both};

async fn manifest(node: &Client, infrastructure: &str, version: &Version) -> Reply {
    node.get(&format!("/infrastructures/{infrastructure}/serving/manifests/{}", version.digest)).await
}

async fn file(node: &Client, infrastructure: &str, sha256: &str) -> Reply {
    node.get(&format!("/infrastructures/{infrastructure}/serving/files/{sha256}")).await
}

/// A new approved version with one file of this content.
async fn approved(scene: &Scene, content: &[u8]) -> Version {
    let version = scene.version_of(&[("model.onnx", content)], json!({})).await;
    scene.scientist.command(&version, "request", json!({"skip_feedback": true})).await.ok();
    scene.approver.approve(&version).await.ok();
    version
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::of(bytes).hex()
}

both! {
    async fn only_what_is_in_force_can_be_fetched(server: &TestServer) {
        let scene = Scene::set(server).await;
        let (node, other) = (server.node("node-1", "production").await, server.node("node-2", "test").await);
        let (first, second) = (approved(&scene, b"first").await, approved(&scene, b"second").await);
        file(&node, "production", &sha256(b"first")).await.refused_helpfully(404, "not_found");

        scene.operator.deploy("production/tumour", &first).await.ok();
        let bytes = manifest(&node, "production", &first).await;
        assert_eq!((sha256(&bytes.bytes), bytes.header("content-type")), (first.digest.clone(), "application/json"));
        let listed: Value = serde_json::from_slice(&bytes.bytes).unwrap();
        assert_eq!(listed.to_string().matches(&sha256(b"first")).count(), 1, "{listed}");
        let fetched = file(&node, "production", &sha256(b"first")).await;
        assert_eq!((fetched.status, fetched.bytes.as_slice()), (200, b"first".as_slice()));
        // Not what is not in service, not elsewhere, not by another infrastructure's node.
        manifest(&node, "production", &second).await.refused_helpfully(404, "not_found");
        file(&node, "production", &sha256(b"second")).await.refused(404, "not_found");
        file(&other, "test", &sha256(b"first")).await.refused(404, "not_found");
        manifest(&other, "test", &first).await.refused(404, "not_found");
        file(&other, "production", &sha256(b"first")).await.refused(403, "forbidden");

        // An earlier revision's no longer, and none after a stop.
        scene.operator.deploy("production/tumour", &second).await.ok();
        file(&node, "production", &sha256(b"first")).await.refused(404, "not_found");
        manifest(&node, "production", &first).await.refused(404, "not_found");
        assert_eq!(file(&node, "production", &sha256(b"second")).await.bytes, b"second");
        scene.operator.stop("production/tumour").await.ok();
        file(&node, "production", &sha256(b"second")).await.refused(404, "not_found");
        manifest(&node, "production", &second).await.refused(404, "not_found");
        for nonsense in ["", "xyz", &"A".repeat(64), &"0".repeat(63)] {
            let reply = file(&node, "production", nonsense).await;
            assert!(matches!(reply.status, 404 | 422), "{nonsense}: {}", reply.text());
        }
    }

    async fn a_file_that_was_tampered_with_is_passed_on_for_the_node_to_refuse(server: &TestServer) {
        let scene = Scene::set(server).await;
        let node = server.node("node-1", "production").await;
        let contents: [&[u8]; 4] = [b"changed", b"shorter", b"longer", b"missing"];
        let files: Vec<_> = contents.iter().map(|content| (std::str::from_utf8(content).unwrap(), *content)).collect();
        let version = scene.version_of(&files, json!({})).await;
        scene.scientist.command(&version, "request", json!({"skip_feedback": true})).await.ok();
        scene.approver.approve(&version).await.ok();
        scene.operator.deploy("production/tumour", &version).await.ok();
        for (content, instead) in [("changed", Some("CHANGED")), ("shorter", Some("sh")), ("longer", Some("LONGER and longer")), ("missing", None)] {
            let path = stored(server, &sha256(content.as_bytes()));
            let original = std::fs::read(&path).unwrap();
            std::fs::remove_file(&path).unwrap();
            if let Some(instead) = instead {
                std::fs::write(&path, instead).unwrap();
            }
            let url = format!("{}/api/v1/infrastructures/production/serving/files/{}", server.url, sha256(content.as_bytes()));
            let request = reqwest::Client::builder().no_proxy().build().unwrap().get(url).bearer_auth(node.token.as_deref().unwrap());
            // A break in the middle is an answer too: what counts is that no other bytes pass for the whole file.
            let (status, got) = match request.send().await {
                Ok(response) => (response.status().as_u16(), response.bytes().await.unwrap_or_default()),
                Err(_) if content == "shorter" => (200, Default::default()),
                Err(error) => panic!("{content}: {error}"),
            };
            assert_eq!(status, if instead.is_some() { 200 } else { 503 }, "{content}");
            assert_ne!(sha256(&got), sha256(content.as_bytes()), "{content}");
            std::fs::write(&path, original).unwrap();
        }
        // And the server goes on.
        assert_eq!(file(&node, "production", &sha256(b"changed")).await.bytes, b"changed");
    }
}

/// Where the server keeps the file with this content.
fn stored(server: &TestServer, sha256: &str) -> std::path::PathBuf {
    let mut folders = vec![server.folder().join("files")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().unwrap().to_str().unwrap().ends_with(&sha256[2..]) {
                return path;
            }
        }
    }
    panic!("{sha256} is not stored");
}
