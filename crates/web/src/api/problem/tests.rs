use super::*;
use axum::response::IntoResponse;
use serde_json::{Value, json};

async fn rendered(error: app::Error) -> (StatusCode, axum::http::HeaderMap, Value) {
    let failure = Failure::from(error);
    let answer = failure.status.into_response();
    let (parts, body) = written(&failure, "req-1", answer).into_parts();
    let bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    (parts.status, parts.headers, serde_json::from_slice(&bytes).unwrap())
}

#[tokio::test]
async fn a_refusal_says_state_who_can_and_where() {
    let details = Details {
        status: Some("waiting_for_approval".to_owned()),
        missing: Some("a final approval".to_owned()),
        who_can: vec!["The final approver".to_owned()],
        link: Some("https://sign.example/x".to_owned()),
        answer: None,
    };
    let mut error = app::Error::new(Code::WrongStatus, "it cannot be deployed yet").next(NextStep::AddComment);
    error.details = Some(Box::new(details));
    let (status, headers, body) = rendered(error).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert_eq!(headers[header::CONTENT_TYPE], MEDIA_TYPE);
    let expected = json!({
        "type": "urn:countersign:error:wrong_status", "title": "Conflict", "status": 409, "code": "wrong_status",
        "detail": "it cannot be deployed yet", "hint": "Send the reason as `comment`.", "next": {"step": "add_comment"}, "request": "req-1",
        "state": "waiting_for_approval", "missing": "a final approval", "who_can": ["The final approver"], "link": "https://sign.example/x"
    });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn wrong_fields_are_pointed_at_and_nothing_empty_is_sent() {
    let (status, _, body) = rendered(app::Error::invalid("/name", "the name is taken")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let expected = json!({
        "type": "urn:countersign:error:invalid", "title": "Unprocessable Entity", "status": 422, "code": "invalid",
        "detail": "the name is taken", "request": "req-1", "errors": [{"pointer": "/name", "message": "the name is taken"}]
    });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn the_cause_of_a_fault_stays_in_the_log() {
    let (status, _, body) = rendered(app::Error::internal("password=hunter2")).await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(!body.to_string().contains("hunter2"), "{body}");
}

#[tokio::test]
async fn a_caller_who_is_not_signed_in_is_told_which_credential_to_send() {
    let (status, headers, _) = rendered(app::Error::new(Code::NotSignedIn, "no")).await;
    assert_eq!(
        (status, headers[header::WWW_AUTHENTICATE].to_str().unwrap()),
        (StatusCode::UNAUTHORIZED, "Bearer realm=\"countersign\"")
    );
}
