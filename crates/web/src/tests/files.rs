//! Files go up and come down as they are.

use super::Fixture;
use axum::{
    body::{Body, Bytes},
    http::{Method, Request, header},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use futures_util::stream;
use proof::Sha256;
use serde_json::json;
use std::io;

/// A project with a model, and the path of an upload for it.
async fn upload(fixture: &Fixture) -> (String, String) {
    assert_eq!(fixture.post("/api/v1/projects", &json!({"name": "diagnosis"})).await.status, 201);
    assert_eq!(fixture.post("/api/v1/projects/diagnosis/models", &json!({"name": "tumour"})).await.status, 201);
    let upload = fixture.post("/api/v1/projects/diagnosis/models/tumour/uploads", &json!({})).await.json();
    let id = upload["id"].as_str().unwrap().to_owned();
    (format!("/api/v1/uploads/{id}"), id)
}

fn put(fixture: &Fixture, path: &str, digest: Option<&str>, body: Body) -> Request<Body> {
    let mut request = fixture.request(Method::PUT, path, body);
    request.headers_mut().remove(header::CONTENT_TYPE);
    if let Some(digest) = digest {
        request.headers_mut().insert("content-digest", digest.parse().unwrap());
    }
    request
}

fn content_digest(bytes: &[u8]) -> String {
    format!("sha-256=:{}:", STANDARD.encode(Sha256::of(bytes).as_bytes()))
}

#[tokio::test]
async fn a_file_comes_down_as_it_went_up() {
    let fixture = Fixture::new().await;
    let (path, id) = upload(&fixture).await;
    let (bytes, digest) = (b"\x00\xffmodel", content_digest(b"\x00\xffmodel"));
    let sent = put(&fixture, &format!("{path}/files?name=sub/mod%C3%A9l.onnx"), Some(&digest), Body::from(&bytes[..]));
    let received = fixture.send(sent).await;
    assert_eq!((received.status.as_u16(), received.json()["size"].as_u64()), (201, Some(7)), "{received:?}");
    let version = fixture.post("/api/v1/projects/diagnosis/models/tumour/versions", &json!({"upload": id})).await;
    assert_eq!((version.status.as_u16(), version.json()["name"].as_str()), (201, Some("diagnosis/tumour:1")), "{version:?}");

    let version = "/api/v1/projects/diagnosis/models/tumour/versions/1";
    let file = format!("{version}/files/sub/mod%C3%A9l.onnx");
    let answer = fixture.get(&file).await;
    assert_eq!((answer.status.as_u16(), answer.bytes.as_slice()), (200, &bytes[..]));
    assert_eq!((answer.header("content-digest"), answer.header("content-length")), (digest.as_str(), "7"));
    assert_eq!(answer.header("etag"), format!("\"{}\"", Sha256::of(bytes)));
    assert_eq!(answer.header("content-type"), "application/octet-stream");
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"mod_l.onnx\"; filename*=UTF-8''mod%C3%A9l.onnx");
    let head = fixture.send(fixture.request(Method::HEAD, &file, Body::empty())).await;
    assert_eq!((head.status.as_u16(), head.header("content-length"), head.bytes.len()), (200, "7", 0));

    let shown = fixture.get(version).await;
    assert_eq!(shown.header("etag"), "\"v1\"");
    let manifest = fixture.get(&format!("{version}/manifest")).await;
    assert_eq!(shown.json()["model_digest"], Sha256::of(&manifest.bytes).hex());
    assert_eq!(fixture.get(&format!("{version}/files/other")).await.refusal().0, 404);
}

#[tokio::test]
async fn of_a_file_that_is_not_what_it_should_be_nothing_is_kept() {
    let fixture = Fixture::new().await;
    let (path, _) = upload(&fixture).await;
    let file = format!("{path}/files?name=model.onnx");

    let other = content_digest(b"something else");
    let sent = put(&fixture, &file, Some(&other), Body::from("model"));
    assert_eq!(fixture.send(sent).await.refusal(), (422, "digest_mismatch".to_owned()));
    for malformed in ["sha-256=abc", "sha-256=:abc:", "nonsense", "sha-256=:!!:"] {
        let sent = put(&fixture, &file, Some(malformed), Body::from("model"));
        assert_eq!(fixture.send(sent).await.refusal(), (400, "malformed_content_digest".to_owned()), "{malformed}");
    }

    let broken = stream::iter([Ok(Bytes::from_static(b"mod")), Err(io::Error::other("gone"))]);
    let sent = put(&fixture, &file, None, Body::from_stream(broken));
    assert_eq!(fixture.send(sent).await.refusal(), (400, "upload_broken_off".to_owned()));

    // By its length alone: a body that never comes is not waited for.
    let mut sent = put(&fixture, &file, None, Body::from_stream(stream::pending::<io::Result<Bytes>>()));
    sent.headers_mut().insert(header::CONTENT_LENGTH, "1001".parse().unwrap());
    assert_eq!(fixture.send(sent).await.refusal(), (413, "file_too_large".to_owned()));
    let endless = stream::repeat_with(|| Ok::<_, io::Error>(Bytes::from_static(&[0; 512])));
    let sent = put(&fixture, &file, None, Body::from_stream(endless));
    assert_eq!(fixture.send(sent).await.refusal(), (413, "file_too_large".to_owned()));

    assert_eq!(fixture.get(&path).await.json()["files"], json!([]));
    // Another algorithm is passed over.
    let both = format!("sha-512=:AAAA:, {}", content_digest(b"model"));
    assert_eq!(fixture.send(put(&fixture, &file, Some(&both), Body::from("model"))).await.status, 201);
}
