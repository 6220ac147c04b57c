//! What is wrong with a request is said, pointed at, and nothing of it is done.

use super::Fixture;
use axum::{
    body::Body,
    http::{Method, Request, header},
};
use serde_json::json;

#[tokio::test]
async fn a_body_is_read_strictly_and_what_is_wrong_is_pointed_at() {
    let fixture = Fixture::new().await;
    let cases = [
        (r#"{"name": "risk", "colour": "red"}"#, 422, "invalid", "/colour"),
        (r#"{"name": "Risk"}"#, 422, "invalid", "/name"),
        (r#"{"name": 7}"#, 422, "invalid", "/name"),
        (r#"{"name": "a\u0000"}"#, 422, "invalid", "/name"),
        ("{}", 422, "invalid", "/name"),
        ("", 422, "invalid", "/name"),
        (r#"{"name": "risk", "name": "risk"}"#, 400, "duplicate_key", "/name"),
    ];
    for (body, status, code, pointer) in cases {
        let answer = fixture.send(fixture.request(Method::POST, "/api/v1/groups", body)).await;
        assert_eq!(answer.refusal(), (status, code.to_owned()), "{body}");
        assert_eq!(answer.json()["errors"][0]["pointer"], pointer, "{body}");
    }
    for (body, code) in [("{", "malformed_json"), ("{} {}", "malformed_json"), (&"[".repeat(40), "malformed_json")] {
        let answer = fixture.send(fixture.request(Method::POST, "/api/v1/groups", body.to_owned())).await;
        assert_eq!(answer.refusal(), (400, code.to_owned()), "{body}");
    }
    assert_eq!(fixture.get("/api/v1/groups").await.json()["items"], json!([]));
}

#[tokio::test]
async fn a_parameter_that_a_route_does_not_know_is_an_error_everywhere() {
    let fixture = Fixture::new().await;
    let known = ["/tokens?limit=1", "/groups?limit=1", "/audit?limit=1", "/me"];
    for path in known {
        assert_eq!(fixture.get(&format!("/api/v1{path}")).await.status, 200, "{path}");
    }
    for path in ["/me", "/inbox", "/tokens", "/groups", "/audit", "/users/nobody", "/log/checkpoint", "/public-key"] {
        let answer = fixture.get(&format!("/api/v1{path}?colour=red")).await;
        assert_eq!(answer.refusal(), (422, "invalid".to_owned()), "{path}");
        assert_eq!(answer.json()["errors"][0]["pointer"], "colour", "{path}");
    }
    let created = fixture.request(Method::POST, "/api/v1/groups?colour=red", r#"{"name": "risk"}"#);
    assert_eq!(fixture.send(created).await.status, 422);
    assert_eq!(fixture.get("/api/v1/groups").await.json()["items"], json!([]), "nothing was done");
}

#[tokio::test]
async fn what_is_wrong_deep_inside_is_pointed_at() {
    let fixture = Fixture::new().await;
    assert_eq!(fixture.post("/api/v1/projects", &json!({"name": "diagnosis"})).await.status, 201);
    let cases = [
        (
            json!({"slots": [{"name": "Risk", "assigned": []}, {"name": "Risk", "assigned": [], "x": 1}], "approvers": []}),
            "/slots/1/x",
        ),
        (json!({"slots": [{"name": "Risk"}], "approvers": []}), "/slots/0/assigned"),
        (json!({"slots": [{"name": "a=b", "assigned": []}], "approvers": []}), "/slots/0/name"),
        (json!({"slots": [], "approvers": ["user:a", "user:\u{0}"]}), "/approvers/1"),
        (json!({"slots": []}), "/approvers"),
    ];
    for (body, pointer) in cases {
        let mut request = fixture.request(Method::PUT, "/api/v1/projects/diagnosis/reviewers", body.to_string());
        request.headers_mut().insert(header::IF_MATCH, "\"p1\"".parse().unwrap());
        let answer = fixture.send(request).await;
        assert_eq!(
            (answer.refusal().0, answer.json()["errors"][0]["pointer"].as_str().unwrap().to_owned()),
            (422, pointer.to_owned()),
            "{answer:?}"
        );
    }
}

#[tokio::test]
async fn queries_and_paths_are_read_strictly() {
    let fixture = Fixture::new().await;
    let cases = [
        ("/api/v1/groups?afterwards=a", "afterwards"),
        ("/api/v1/groups?limit=many", "limit"),
        ("/api/v1/groups?limit=0", "limit"),
        ("/api/v1/groups?limit=201", "limit"),
        ("/api/v1/audit?limit=201", "limit"),
        ("/api/v1/groups?limit=1&limit=2", "limit"),
        ("/api/v1/audit?since=yesterday", "since"),
        ("/api/v1/log/proof/inclusion", "position"),
        ("/api/v1/projects/Upper", "project"),
        ("/api/v1/projects/a/models/m/versions/latest", "version"),
        ("/api/v1/uploads/7", "upload"),
    ];
    for (path, parameter) in cases {
        let answer = fixture.get(path).await;
        assert_eq!(answer.refusal(), (422, "invalid".to_owned()), "{path}");
        assert_eq!(answer.json()["errors"][0]["pointer"], parameter, "{path}: {answer:?}");
    }
    assert_eq!(fixture.get("/api/v1/groups?limit=1&after=a").await.status, 200);
}

#[tokio::test]
async fn a_request_is_for_one_host() {
    let fixture = Fixture::new().await;
    for path in ["/api/v1/me", "/api/v1/public-key", "/signin", "/health"] {
        let mut request = fixture.request(Method::GET, path, "");
        request.headers_mut().append(header::HOST, "elsewhere.example".parse().unwrap());
        assert_eq!(fixture.send(request).await.status, 400, "{path}");
        let mut request = fixture.request(Method::GET, path, "");
        request.headers_mut().remove(header::HOST);
        assert_eq!(fixture.send(request).await.status, 400, "{path}");
    }
    let mut request = fixture.request(Method::GET, "/api/v1/public-key", "");
    request.headers_mut().remove(header::HOST);
    *request.version_mut() = axum::http::Version::HTTP_10;
    assert_eq!(fixture.send(request).await.status, 200, "HTTP/1.0 knows no hosts");
}

#[tokio::test]
async fn the_state_that_was_seen_must_be_said_and_must_be_the_present_one() {
    let fixture = Fixture::new().await;
    assert_eq!(fixture.post("/api/v1/projects", &json!({"name": "diagnosis"})).await.status, 201);
    let path = "/api/v1/projects/diagnosis";
    let tag = fixture.get(path).await.header("etag").to_owned();
    assert_eq!(tag, "\"p1\"");
    let patch = async |tags: &[&str]| {
        let mut request = fixture.request(Method::PATCH, path, r#"{"author_may_approve": true, "reason": "A team of one."}"#);
        for tag in tags {
            request.headers_mut().append(header::IF_MATCH, tag.parse().unwrap());
        }
        fixture.send(request).await
    };
    for malformed in [&["W/\"p1\""][..], &["p1"], &["*"], &["\"p1\", \"p2\""], &["\"\""], &["\"p1\"", "\"p1\""]] {
        assert_eq!(patch(malformed).await.refusal(), (400, "malformed_if_match".to_owned()), "{malformed:?}");
    }
    assert_eq!(patch(&[]).await.refusal().0, 428);
    assert_eq!(patch(&["\"p0\""]).await.refusal().0, 412);
    let changed = patch(&[&tag]).await;
    assert_eq!((changed.status.as_u16(), changed.header("etag")), (200, "\"p2\""));
}

#[tokio::test]
async fn nobody_gets_in_without_a_token() {
    let fixture = Fixture::new().await;
    for (authorization, code) in [
        (None, "not_signed_in"),
        (Some("Basic cm9vdDpyb290"), "malformed_authorization"),
        (Some("csn_x"), "malformed_authorization"),
        (Some("Bearer csn_x"), "token_unknown"),
        (Some("Bearer "), "token_unknown"),
    ] {
        let mut request = Request::get("/api/v1/me").header(header::HOST, "countersign.example");
        if let Some(authorization) = authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        let answer = fixture.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.refusal(), (401, code.to_owned()), "{authorization:?}");
        assert!(answer.header("www-authenticate").starts_with("Bearer"));
    }
    let lower_case = Request::get("/api/v1/me")
        .header(header::HOST, "countersign.example")
        .header(header::AUTHORIZATION, format!("bearer {}", fixture.token));
    assert_eq!(fixture.send(lower_case.body(Body::empty()).unwrap()).await.json()["name"], "root");
}
