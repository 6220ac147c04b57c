//! How often one may ask.

use super::Fixture;
use crate::WebOptions;
use serde_json::json;

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
    assert_eq!((attempt("root", "192.0.2.1").await, attempt("root", "192.0.2.2").await), (401, 401));
    assert_eq!((attempt("root", "192.0.2.3").await, attempt("other", "192.0.2.3").await), (429, 401));
    // And one address is held up whatever names it tries.
    assert_eq!((attempt("a", "192.0.2.3").await, attempt("b", "192.0.2.4").await), (429, 401));
}
