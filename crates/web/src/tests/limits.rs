//! How often one may ask.

use super::Fixture;
use crate::WebOptions;
use axum::{body::Body, http::Request};
use serde_json::json;
use std::time::Duration;
use tokio::time::timeout;

#[tokio::test]
async fn a_token_has_its_rate() {
    let fixture = Fixture::with(WebOptions { requests_per_minute: 3, ..WebOptions::default() }).await;
    for _ in 0..3 {
        assert_eq!(fixture.get("/api/v1/me").await.status, 200);
    }
    let answer = fixture.get("/api/v1/me").await;
    assert_eq!(answer.refusal(), (429, "rate_limited".to_owned()));
    assert_eq!(answer.header("retry-after"), "20");
    // What needs no token is not counted with it.
    assert_eq!(fixture.get("/health").await.status, 200);
}

#[tokio::test]
async fn passwords_cannot_be_tried_out_but_signing_in_is_free() {
    let fixture = Fixture::with(WebOptions { sign_ins_per_minute: 3, ..WebOptions::default() }).await;
    let (right, wrong) =
        (json!({"user": "root", "password": "correct horse"}), json!({"user": "root", "password": "battery staple"}));
    for _ in 0..5 {
        assert_eq!(fixture.post("/api/v1/sessions", &right).await.status, 201);
    }
    for _ in 0..3 {
        assert_eq!(fixture.post("/api/v1/sessions", &wrong).await.status, 401);
    }
    let refused = fixture.post("/api/v1/sessions", &right).await;
    assert_eq!(refused.refusal(), (429, "rate_limited".to_owned()));
    assert_eq!(refused.header("retry-after"), "20");
}

#[tokio::test]
async fn one_name_is_protected_wherever_the_attempts_come_from() {
    let fixture = Fixture::with(WebOptions { sign_ins_per_minute: 2, trust_forwarded_for: true, ..WebOptions::default() }).await;
    let attempt = async |user: &str, from: &str| {
        let body = json!({"user": user, "password": "battery staple"});
        fixture.post_with("/api/v1/sessions", &body, ("x-forwarded-for", from)).await.status.as_u16()
    };
    // All strangers together have three times as many attempts as one address.
    for stranger in 1..=6 {
        assert_eq!(attempt("root", &format!("192.0.2.{stranger}")).await, 401);
    }
    // Three wait for their turn, ten seconds after each other; to more of them the server says when to come again.
    for stranger in 7..=9 {
        let from = format!("192.0.2.{stranger}");
        assert!(timeout(Duration::ZERO, attempt("root", &from)).await.is_err(), "it waits");
    }
    assert_eq!((attempt("root", "192.0.2.10").await, attempt("other", "192.0.2.10").await), (429, 401));
    // And one address is held up whatever names it tries; what was not tried does not count.
    assert_eq!((attempt("a", "192.0.2.10").await, attempt("b", "192.0.2.10").await), (401, 429));
    assert_eq!(attempt("b", "192.0.2.11").await, 401);
}

/// Somebody tries passwords for an account without end, from ever new addresses. Its owner comes in all the same, from a network or with
/// a browser that the account signed in with before.
#[tokio::test]
async fn strangers_keep_nobody_out_who_signed_in_before() {
    let fixture = Fixture::with(WebOptions { sign_ins_per_minute: 2, trust_forwarded_for: true, ..WebOptions::default() }).await;
    let sign_in = async |password: &str, from: &str| {
        let body = json!({"user": "root", "password": password});
        fixture.post_with("/api/v1/sessions", &body, ("x-forwarded-for", from)).await.status.as_u16()
    };
    let in_browser = async |cookie: &str, from: &str| {
        let request = Request::post("/signin")
            .header("host", "countersign.example")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("origin", "https://sign.example")
            .header("x-forwarded-for", from)
            .header("cookie", cookie)
            .body(Body::from("user=root&password=correct%20horse&then="));
        fixture.send(request.unwrap()).await
    };
    assert_eq!(sign_in("correct horse", "198.51.100.1").await, 201);
    let entered = in_browser("", "198.51.100.2").await;
    let mut known = entered.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap().to_owned());
    let known = known.rfind(|cookie| cookie.contains("countersign-known=")).unwrap();
    let known = known.split(';').next().unwrap().to_owned();
    for stranger in 0..20 {
        // Some wait, and hang up at once.
        let _ = timeout(
            Duration::from_millis(if stranger < 6 { 10_000 } else { 0 }),
            sign_in("guess", &format!("192.0.2.{stranger}")),
        )
        .await;
    }
    assert_eq!(sign_in("correct horse", "203.0.113.1").await, 429, "a stranger is told to wait");
    assert_eq!(sign_in("correct horse", "198.51.100.1").await, 201);
    assert_eq!(in_browser(&known, "203.0.113.2").await.status, 303);
    // Also where its own address has failed too often: a whole office may have one.
    for _ in 0..3 {
        sign_in("guess", "203.0.113.4").await;
    }
    assert_eq!(sign_in("correct horse", "203.0.113.4").await, 429);
    assert_eq!(in_browser(&known, "203.0.113.4").await.status, 303);
    let forged = known.replace("root.", "root.0");
    assert_eq!(in_browser(&forged, "203.0.113.3").await.status, 429);
}
