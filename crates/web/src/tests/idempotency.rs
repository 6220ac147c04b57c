//! A creating request that is sent twice creates once.

use super::Fixture;
use serde_json::json;

const KEY: &str = "idempotency-key";

#[tokio::test]
async fn the_same_request_gets_the_same_answer_and_is_carried_out_once() {
    let fixture = Fixture::new().await;
    let body = json!({"name": "risk"});
    let first = fixture.post_with("/api/v1/groups", &body, (KEY, "k-1")).await;
    let second = fixture.post_with("/api/v1/groups", &body, (KEY, "k-1")).await;
    assert_eq!((first.status.as_u16(), second.status.as_u16()), (201, 201));
    assert_eq!((first.bytes, first.headers.get("idempotent-replayed")), (second.bytes, None));
    assert_eq!(second.headers["idempotent-replayed"], "true");
    // Without the key it is a second request for the same name.
    assert_eq!(fixture.post("/api/v1/groups", &body).await.refusal(), (409, "already_exists".to_owned()));
}

#[tokio::test]
async fn a_key_belongs_to_one_request() {
    let fixture = Fixture::new().await;
    assert_eq!(fixture.post_with("/api/v1/groups", &json!({"name": "risk"}), (KEY, "k-1")).await.status, 201);
    for (path, body) in [("/api/v1/groups", json!({"name": "other"})), ("/api/v1/projects", json!({"name": "risk"}))] {
        let answer = fixture.post_with(path, &body, (KEY, "k-1")).await;
        assert_eq!(answer.refusal(), (422, "idempotency_key_reused".to_owned()), "{path}");
    }
    let long = "k".repeat(201);
    for key in ["", "two words", &long] {
        let answer = fixture.post_with("/api/v1/groups", &json!({"name": "other"}), (KEY, key)).await;
        assert_eq!(answer.refusal(), (400, "malformed_idempotency_key".to_owned()), "{key}");
    }
}

#[tokio::test]
async fn a_failed_request_does_not_use_its_key_up() {
    let fixture = Fixture::new().await;
    assert_eq!(fixture.post_with("/api/v1/groups", &json!({"name": "Risk"}), (KEY, "k-1")).await.status, 422);
    assert_eq!(fixture.post_with("/api/v1/groups", &json!({"name": "risk"}), (KEY, "k-1")).await.status, 201);
}

#[tokio::test]
async fn a_secret_is_shown_once() {
    let fixture = Fixture::new().await;
    let body = json!({"name": "scientist", "display_name": "Data scientist"});
    let first = fixture.post_with("/api/v1/users", &body, (KEY, "k-1")).await;
    assert!(first.json()["invitation"].as_str().unwrap().starts_with("csi_"));
    assert_eq!(fixture.post_with("/api/v1/users", &body, (KEY, "k-1")).await.refusal(), (409, "secret_shown_once".to_owned()));
    for path in ["/api/v1/users/scientist/invitation", "/api/v1/tokens"] {
        assert_eq!(fixture.post_with(path, &json!({}), (KEY, path)).await.status, 201, "{path}");
        assert_eq!(
            fixture.post_with(path, &json!({}), (KEY, path)).await.refusal(),
            (409, "secret_shown_once".to_owned()),
            "{path}"
        );
    }
}
