//! Bad files: names that lie, bytes that differ from their digest, uploads that are too large or break off. The server keeps
//! nothing of them.

use crate::{bad_input::unchanged, tampering::files_below};
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::Duration;
use proof::Sha256;
use reqwest::Method;
use serde_json::json;
use testkit::{Backend, Options, Scene, TestServer, both};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

both! {
    async fn names_that_could_be_two_things(server: &TestServer) {
        let scene = Scene::set(server).await;
        let upload = scene.scientist.upload(&[("good", b"good")]).await;
        for name in ["", ".", "..", "../up", "a/../b", "/absolute", "a//b", "a/", "C:\\model", "a\\b", "a\u{7}b", "a\nb", "cafe\u{301}", "a/./b"] {
            let problem = unchanged(server, scene.scientist.send_file(&upload, name, b"x")).await.refused(422, "invalid");
            assert_eq!(problem["errors"][0]["pointer"], "name", "{name:?}");
        }
        let kept = scene.scientist.get(&format!("/uploads/{upload}")).await.ok();
        assert_eq!(kept["files"].as_array().unwrap().len(), 1, "{kept}");

        // Each name alone is fine; together they would be one file on some machines.
        for (one, other) in [("Model.bin", "model.bin"), ("a", "a/b"), ("straße", "STRASSE")] {
            let upload = scene.scientist.upload(&[(one, b"1"), (other, b"2")]).await;
            let create = scene.scientist.post("/projects/diagnosis/models/tumour/versions", json!({"upload": upload}));
            let problem = unchanged(server, create).await.refused(422, "invalid");
            assert_eq!(problem["errors"][0]["pointer"], "/upload", "{one} and {other}");
        }
    }

    async fn uploads_of_nothing_or_of_something_else(server: &TestServer) {
        let scene = Scene::set(server).await;
        let versions = "/projects/diagnosis/models/tumour/versions";
        let empty = scene.scientist.upload(&[]).await;
        unchanged(server, scene.scientist.post(versions, json!({"upload": empty}))).await.refused_helpfully(422, "empty_upload");

        let upload = scene.scientist.upload(&[("a", b"right")]).await;
        let wrong = format!("sha-256=:{}:", STANDARD.encode(Sha256::of(b"other").as_bytes()));
        let put = |digest: &str| {
            let request = scene.scientist.request(Method::PUT, &format!("/uploads/{upload}/files")).query("name", "b");
            request.header("content-digest", digest).bytes(b"right").send()
        };
        unchanged(server, put(&wrong)).await.refused_helpfully(422, "digest_mismatch");
        unchanged(server, put("sha-256=nonsense")).await.refused_helpfully(400, "malformed_content_digest");
        let kept = scene.scientist.get(&format!("/uploads/{upload}")).await.ok();
        assert_eq!(kept["files"].as_array().unwrap().len(), 1, "the file with the wrong digest is not among them");

        let body = json!({"upload": upload, "model_digest": "0".repeat(64)});
        let problem = unchanged(server, scene.scientist.post(versions, body)).await.refused_helpfully(422, "digest_mismatch");
        assert_eq!(problem["errors"][0]["pointer"], "/model_digest");
        let foreign = unchanged(server, scene.manager.post(versions, json!({"upload": upload}))).await;
        foreign.refused_helpfully(404, "not_found");
        scene.scientist.post(versions, json!({"upload": upload})).await.ok();
        unchanged(server, scene.scientist.post(versions, json!({"upload": upload}))).await.refused_helpfully(404, "not_found");
    }

    async fn an_upload_that_took_too_long_is_gone(server: &TestServer) {
        let scene = Scene::set(server).await;
        let upload = scene.scientist.upload(&[("a", b"a")]).await;
        server.clock.advance(Duration::from_days(1));
        unchanged(server, scene.scientist.send_file(&upload, "b", b"b")).await.refused_helpfully(404, "not_found");
        let create = scene.scientist.post("/projects/diagnosis/models/tumour/versions", json!({"upload": upload}));
        unchanged(server, create).await.refused_helpfully(404, "not_found");
        server.clock.advance(Duration::from_days(3));
        assert_eq!(app::upkeep::clean_up(&server.app).await.unwrap(), 1, "and so is what it had received");
        assert_eq!(stored(server), 0);
    }

    async fn a_file_cut_off_in_the_middle_is_not_kept(server: &TestServer) {
        let scene = Scene::set(server).await;
        let upload = scene.scientist.upload(&[]).await;
        let before = server.log_size().await;
        for announced in ["Content-Length: 1000000", "Transfer-Encoding: chunked"] {
            let mut connection = connect(server).await;
            let head = head(&scene, &upload, announced);
            connection.write_all(head.as_bytes()).await.unwrap();
            let start: &[u8] = if announced.starts_with("Content") { &[7; 5000] } else { b"1388\r\nonly the beginning of the chunk" };
            connection.write_all(start).await.unwrap();
            connection.shutdown().await.unwrap();
            // The server ends the connection, perhaps after an answer; then it is done with the file.
            let mut answer = Vec::new();
            let _ = connection.read_to_end(&mut answer).await;
            assert!(!String::from_utf8_lossy(&answer).starts_with("HTTP/1.1 2"), "{}", String::from_utf8_lossy(&answer));
        }
        assert_eq!(scene.scientist.get(&format!("/uploads/{upload}")).await.ok()["files"], json!([]));
        assert_eq!((server.log_size().await, stored(server)), (before, 0));
    }

    async fn what_was_refused_after_it_had_arrived_is_cleaned_up(server: &TestServer) {
        let scene = Scene::set(server).await;
        let kept = scene.version().await;
        let before = stored(server);
        // The upload is cancelled while a file of it is on its way.
        let upload = scene.scientist.upload(&[]).await;
        let mut connection = connect(server).await;
        let head = head(&scene, &upload, "Expect: 100-continue\r\nConnection: close\r\nContent-Length: 9");
        connection.write_all(head.as_bytes()).await.unwrap();
        let mut asks = vec![0; "HTTP/1.1 100 Continue\r\n\r\n".len()];
        connection.read_exact(&mut asks).await.unwrap();
        scene.scientist.delete(&format!("/uploads/{upload}")).await.ok();
        connection.write_all(b"forgotten").await.unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
        assert_eq!(stored(server), before + 1, "it had arrived");
        app::upkeep::clean_up(&server.app).await.unwrap();
        assert_eq!(stored(server), before + 1, "another upload may be about to refer to it");
        server.clock.advance(Duration::from_days(3));
        app::upkeep::clean_up(&server.app).await.unwrap();
        assert_eq!(stored(server), before);

        // A file that the database never knew goes once it is old, and no other file does.
        let folder = server.folder().join("files");
        let mut found = Vec::new();
        files_below(&folder, &mut found);
        let lost = folder.join("sha256/00").join("1".repeat(62));
        std::fs::create_dir_all(lost.parent().unwrap()).unwrap();
        std::fs::write(&lost, b"lost").unwrap();
        app::upkeep::clean_up(&server.app).await.unwrap();
        assert!(lost.exists(), "it may only just have come in");
        #[expect(clippy::disallowed_methods, reason = "files have the time of this machine")]
        let old = std::time::SystemTime::now() - std::time::Duration::from_secs(3 * 86_400);
        for file in found.iter().chain([&lost]) {
            std::fs::File::options().write(true).open(file).unwrap().set_modified(old).unwrap();
        }
        assert_eq!(app::upkeep::clean_up(&server.app).await.unwrap(), 1);
        assert_eq!((lost.exists(), stored(server)), (false, before));
        scene.scientist.get(&format!("{}/files/{}", kept.path, testkit::TINY[0].0)).await.ok();
    }

    async fn large_files_of_one_upload_come_in_one_after_the_other(server: &TestServer) {
        const LARGE: usize = (4 << 20) + 1;
        let scene = Scene::set(server).await;
        let upload = scene.scientist.upload(&[]).await;
        let mut first = connect(server).await;
        let held = head(&scene, &upload, &format!("Expect: 100-continue\r\nConnection: close\r\nContent-Length: {LARGE}"));
        first.write_all(held.as_bytes()).await.unwrap();
        let mut asks = vec![0; "HTTP/1.1 100 Continue\r\n\r\n".len()];
        first.read_exact(&mut asks).await.unwrap();
        let second = tokio::spawn({
            let (client, upload) = (scene.scientist.clone(), upload.clone());
            async move { client.send_file(&upload, "cut", &[2; LARGE + 1]).await }
        });
        // Another upload goes on meanwhile, and long enough for the second file to have overtaken the first if it could.
        scene.scientist.upload(&[("a", b"a"), ("b", b"b"), ("c", b"c")]).await;
        assert!(!second.is_finished());
        first.write_all(&[1; LARGE]).await.unwrap();
        let mut answer = String::new();
        first.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
        second.await.unwrap().ok();
        let files = &scene.scientist.get(&format!("/uploads/{upload}")).await.ok()["files"];
        assert_eq!((files.as_array().unwrap().len(), &files[0]["size"]), (1, &json!(LARGE + 1)), "the later one took the place");
    }

    async fn too_much_is_refused_before_it_is_read(server: &TestServer) {
        let scene = Scene::set(server).await;
        let upload = scene.scientist.upload(&[]).await;
        let token = scene.root.token.as_deref().unwrap();
        let five_gibibytes = head(&scene, &upload, "Content-Length: 5368709120");
        let json = format!("POST /api/v1/projects HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: 1048577\r\n\r\n");
        for head in [five_gibibytes, json] {
            let mut connection = connect(server).await;
            connection.write_all(head.as_bytes()).await.unwrap();
            // Not one byte of the body is sent: the answer comes all the same.
            let mut answer = vec![0; 4096];
            let length = connection.read(&mut answer).await.unwrap();
            let answer = String::from_utf8_lossy(&answer[..length]).into_owned();
            assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
        }
        assert_eq!(stored(server), 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_than_the_limits_is_refused() {
    let mut options = Options::default();
    (options.limits.version_files, options.limits.file_bytes, options.limits.version_bytes) = (3, 100, 150);
    let server = TestServer::start_with(Backend::Sqlite, options).await;
    let scene = Scene::set(&server).await;
    let upload = scene.scientist.upload(&[("a", &[1; 100])]).await;
    unchanged(&server, scene.scientist.send_file(&upload, "b", &[2; 101])).await.refused(413, "file_too_large");
    unchanged(&server, scene.scientist.send_file(&upload, "b", &[2; 51])).await.refused(413, "file_too_large");
    // Without an announced length it is noticed while it comes in.
    let chunked = connect(&server).await;
    let answer = send_chunked(chunked, &head(&scene, &upload, "Transfer-Encoding: chunked"), 101).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    scene.scientist.send_file(&upload, "b", &[2; 50]).await.ok();
    scene.scientist.send_file(&upload, "c", &[]).await.ok();
    unchanged(&server, scene.scientist.send_file(&upload, "d", &[])).await.refused_helpfully(413, "too_many_files");
    let shown = scene.scientist.get(&format!("/uploads/{upload}")).await.ok();
    assert_eq!((&shown["limits"]["version_files"], shown["files"].as_array().unwrap().len()), (&json!(3), 3));
    // What is replaced makes room for what replaces it.
    scene.scientist.send_file(&upload, "a", &[3; 100]).await.ok();
    unchanged(&server, scene.scientist.send_file(&upload, "b", &[2; 51])).await.refused(413, "file_too_large");
    // One that is there already may be sent again: it takes the place of the one before.
    scene.scientist.send_file(&upload, "c", &[]).await.ok();
}

/// A version may have ten thousand files, and a token six thousand requests a minute.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_of_an_upload_do_not_use_up_the_requests_of_a_token() {
    let mut options = Options::default();
    options.web.requests_per_minute = 60;
    let server = TestServer::start_with(Backend::Sqlite, options).await;
    let scene = Scene::set(&server).await;
    let token = scene.scientist.post("/tokens", json!({"label": "another"})).await.ok()["token"].as_str().unwrap().to_owned();
    let scientist = scene.scientist.with_token("scientist", &token);
    let upload = scientist.upload(&[]).await;
    for number in 0..100 {
        scientist.send_file(&upload, &format!("{number}"), &[1]).await.ok();
    }
    scientist.get(&format!("/uploads/{upload}")).await.ok();
    // They are counted all the same, among their like.
    let mut sent = 100;
    let refused = loop {
        let reply = scientist.send_file(&upload, "0", &[1]).await;
        sent += 1;
        if reply.status != 201 {
            break reply;
        }
        assert!(sent < 3000, "no bound");
    };
    refused.refused_helpfully(429, "rate_limited");
}

/// A small file that comes in slowly holds up no other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn small_files_come_in_beside_each_other_and_a_large_one_alone() {
    let server = TestServer::start(Backend::Sqlite).await;
    let scene = Scene::set(&server).await;
    let upload = scene.scientist.upload(&[]).await;
    let mut slow = connect(&server).await;
    slow.write_all(format!("{}x", head(&scene, &upload, "Content-Length: 2")).as_bytes()).await.unwrap();
    scene.scientist.send_file(&upload, "quick", &[1; 1000]).await.ok();
    // One without an announced length waits for the slow one.
    let mut large = connect(&server).await;
    let begun = head(&scene, &upload, "Transfer-Encoding: chunked").replace("name=cut", "name=large");
    large.write_all(format!("{begun}1\r\nx\r\n0\r\n\r\n").as_bytes()).await.unwrap();
    // Another upload goes on meanwhile, and long enough for the large file to have come in beside the slow one if it could.
    scene.scientist.upload(&[("a", b"a"), ("b", b"b"), ("c", b"c")]).await;
    let shown = scene.scientist.get(&format!("/uploads/{upload}")).await.ok();
    assert_eq!(shown["files"].as_array().unwrap().len(), 1, "it came in beside another");
    let mut answer = vec![0; 4096];
    slow.write_all(b"y").await.unwrap();
    for (connection, what) in [(&mut slow, "slow"), (&mut large, "large")] {
        let length = connection.read(&mut answer).await.unwrap();
        let answer = String::from_utf8_lossy(&answer[..length]).into_owned();
        assert!(answer.starts_with("HTTP/1.1 201"), "{what}: {answer}");
    }
    let shown = scene.scientist.get(&format!("/uploads/{upload}")).await.ok();
    assert_eq!(shown["files"].as_array().unwrap().len(), 3);
}

/// Somebody whose files never end keeps nobody else's out.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_files_of_one_account_leave_places_for_others() {
    let server = TestServer::start(Backend::Sqlite).await;
    let scene = Scene::set(&server).await;
    let upload = scene.scientist.upload(&[]).await;
    let mut slow = Vec::new();
    for number in 0..server.app.files.places() + 10 {
        let mut connection = connect(&server).await;
        let begun = head(&scene, &upload, "Content-Length: 2").replace("name=cut", &format!("name={number}"));
        connection.write_all(format!("{begun}x").as_bytes()).await.unwrap();
        slow.push(connection);
    }
    let other = scene.manager.upload(&[("model.bin", b"a model")]).await;
    assert_eq!(scene.manager.get(&format!("/uploads/{other}")).await.ok()["files"][0]["name"], "model.bin");
    // Those of the first go on, one after the other.
    for connection in &mut slow {
        connection.write_all(b"y").await.unwrap();
    }
    let mut answer = vec![0; 4096];
    for connection in &mut slow {
        let length = connection.read(&mut answer).await.unwrap();
        assert!(answer[..length].starts_with(b"HTTP/1.1 201"), "{}", String::from_utf8_lossy(&answer[..length]));
    }
}

/// What is stored is what arrives: a compressed body would be stored compressed, under another digest than its file.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_compressed_body_is_refused() {
    let server = TestServer::start(Backend::Sqlite).await;
    let scene = Scene::set(&server).await;
    let upload = scene.scientist.upload(&[]).await;
    let mut connection = connect(&server).await;
    let compressed = head(&scene, &upload, "Content-Encoding: gzip\r\nContent-Length: 1");
    connection.write_all(format!("{compressed}x").as_bytes()).await.unwrap();
    let mut answer = vec![0; 4096];
    let length = connection.read(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer[..length]).into_owned();
    assert!(answer.starts_with("HTTP/1.1 415") && answer.contains("must not be compressed"), "{answer}");
    // One token is one caller: with two headers a proxy may have looked at the other one.
    let mut connection = connect(&server).await;
    let twice = head(&scene, &upload, "Authorization: Bearer csn_other\r\nContent-Length: 0");
    connection.write_all(twice.as_bytes()).await.unwrap();
    let mut answer = vec![0; 4096];
    let length = connection.read(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer[..length]).into_owned();
    assert!(answer.starts_with("HTTP/1.1 401") && answer.contains("several Authorization headers"), "{answer}");
}

async fn connect(server: &TestServer) -> TcpStream {
    TcpStream::connect(server.url.trim_start_matches("http://")).await.unwrap()
}

fn head(scene: &Scene, upload: &str, announced: &str) -> String {
    let token = scene.scientist.token.as_deref().unwrap();
    format!(
        "PUT /api/v1/uploads/{upload}/files?name=cut HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer {token}\r\n{announced}\r\n\r\n"
    )
}

async fn send_chunked(mut connection: TcpStream, head: &str, length: usize) -> String {
    let body = format!("{length:x}\r\n{}\r\n0\r\n\r\n", "x".repeat(length));
    connection.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
    let mut answer = vec![0; 4096];
    let length = connection.read(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer[..length]).into_owned()
}

/// How many files there are in the storage, half ones included.
fn stored(server: &TestServer) -> usize {
    let mut found = Vec::new();
    files_below(&server.folder().join("files"), &mut found);
    found.len()
}
