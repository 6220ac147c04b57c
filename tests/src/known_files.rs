//! What the server has already is not sent again. A digest alone gives nobody a file that they could not read, or did not send.

use proof::Sha256;
use serde_json::{Value, json};
use testkit::{Backend, Client, Scene, TestServer, both};

/// Asks for files by name and content, and gives the names of those that the upload took.
async fn take(person: &Client, upload: &str, files: &[(&str, &[u8])]) -> Vec<String> {
    let reply = person.post(&format!("/uploads/{upload}/known"), announced(files)).await.ok();
    serde_json::from_value(reply["files"].clone()).unwrap()
}

fn announced(files: &[(&str, &[u8])]) -> Value {
    let file =
        |(name, content): &(&str, &[u8])| json!({"name": name, "sha256": Sha256::of(content).hex(), "size": content.len()});
    json!({"files": files.iter().map(file).collect::<Vec<_>>()})
}

both! {
    async fn files_of_versions_of_the_project_are_taken(server: &TestServer) {
        let scene = Scene::set(server).await;
        let first = scene.version_of(&[("model.onnx", b"weights"), ("notes.txt", b"first")], json!({})).await;
        let upload = scene.scientist.upload(&[]).await;
        let files: [(&str, &[u8]); 3] = [("model.onnx", b"weights"), ("copy.onnx", b"weights"), ("notes.txt", b"second")];
        assert_eq!(take(&scene.scientist, &upload, &files).await, ["model.onnx", "copy.onnx"]);
        scene.scientist.send_file(&upload, "notes.txt", b"second").await.ok();
        let body = json!({"upload": upload, "fields": {}});
        let second = scene.scientist.post("/projects/diagnosis/models/tumour/versions", body).await.ok();
        assert_ne!(second["model_digest"], first.digest);
        let path = "/projects/diagnosis/models/tumour/versions/2/files/copy.onnx";
        assert_eq!(scene.scientist.get(path).await.bytes, b"weights");
        // Another size is another file, whatever the digest says.
        let mut wrong = announced(&[("model.onnx", b"weights")]);
        wrong["files"][0]["size"] = json!(8);
        let upload = scene.scientist.upload(&[]).await;
        let reply = scene.scientist.post(&format!("/uploads/{upload}/known"), wrong).await.ok();
        assert_eq!(reply["files"], json!([]));
    }

    async fn an_upload_that_broke_off_leaves_its_files_to_its_sender(server: &TestServer) {
        let scene = Scene::set(server).await;
        let files: [(&str, &[u8]); 1] = [("model.onnx", b"sent once")];
        scene.scientist.upload(&files).await;
        let again = scene.scientist.upload(&[]).await;
        assert_eq!(take(&scene.scientist, &again, &files).await, ["model.onnx"]);
        let others = scene.manager.upload(&[]).await;
        assert_eq!(take(&scene.manager, &others, &files).await, [] as [&str; 0], "a digest gave somebody else's file away");
        scene.scientist.post(&format!("/uploads/{others}/known"), announced(&files)).await.refused(404, "not_found");
    }

    async fn a_digest_opens_no_file_of_another_project(server: &TestServer) {
        let scene = Scene::set(server).await;
        let secret: [(&str, &[u8]); 1] = [("model.onnx", b"a secret of the other project")];
        scene.version_of(&secret, json!({})).await;
        scene.root.post("/projects", json!({"name": "other"})).await.ok();
        scene.root.put("/projects/other/members/operator", json!({"role": "contributor"})).await.ok();
        scene.operator.post("/projects/other/models", json!({"name": "tumour"})).await.ok();
        let upload = scene.operator.upload_for("other", &[]).await;
        assert_eq!(take(&scene.operator, &upload, &secret).await, [] as [&str; 0]);
        // Nor does an upload that was begun before somebody left the project.
        let upload = scene.scientist.upload(&[]).await;
        scene.root.delete("/projects/diagnosis/members/scientist").await.ok();
        let reply = scene.scientist.post(&format!("/uploads/{upload}/known"), announced(&secret)).await;
        assert!(matches!(reply.status, 403 | 404), "{reply:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_the_storage_lost_is_asked_for_again() {
    let server = TestServer::start(Backend::Sqlite).await;
    let scene = Scene::set(&server).await;
    let files: [(&str, &[u8]); 1] = [("model.onnx", b"lost")];
    scene.version_of(&files, json!({})).await;
    let hex = Sha256::of(b"lost").hex();
    std::fs::remove_file(server.folder().join("files/sha256").join(&hex[..2]).join(&hex[2..])).unwrap();
    let upload = scene.scientist.upload(&[]).await;
    assert_eq!(take(&scene.scientist, &upload, &files).await, [] as [&str; 0]);
    scene.scientist.send_file(&upload, "model.onnx", b"lost").await.ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn known_files_keep_the_bounds_of_an_upload() {
    let mut options = testkit::Options::default();
    options.limits.version_files = 2;
    let server = TestServer::start_with(Backend::Sqlite, options).await;
    let scene = Scene::set(&server).await;
    scene.version_of(&[("a", b"a"), ("b", b"b")], json!({})).await;
    let upload = scene.scientist.upload(&[]).await;
    let three: [(&str, &[u8]); 3] = [("a", b"a"), ("b", b"b"), ("c", b"a")];
    let path = format!("/uploads/{upload}/known");
    scene.scientist.post(&path, announced(&three)).await.refused(413, "too_many_files");
    assert_eq!(scene.scientist.get(&format!("/uploads/{upload}")).await.ok()["files"], json!([]), "nothing is half done");
    let many: Vec<_> = (0..1001).map(|_| three[0]).collect();
    scene.scientist.post(&path, announced(&many)).await.refused_helpfully(422, "invalid");
    scene.scientist.post(&path, announced(&[("../a", b"a")])).await.refused(422, "invalid");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_version_has_at_least_one_byte() {
    let server = TestServer::start(Backend::Sqlite).await;
    let scene = Scene::set(&server).await;
    let upload = scene.scientist.upload(&[("model.onnx", b""), ("notes.txt", b"")]).await;
    let body = json!({"upload": upload, "fields": {}});
    scene.scientist.post("/projects/diagnosis/models/tumour/versions", body).await.refused_helpfully(422, "empty_upload");
}
