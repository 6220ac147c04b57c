use super::*;
use serde_json::{Value, json};

async fn rendered(problem: Problem) -> (StatusCode, axum::http::HeaderMap, Value) {
    let (parts, body) = render(problem.into_response(), "req-1").into_parts();
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
    let mut error = app::Error::new(Kind::Conflict, "wrong_status", "it cannot be deployed yet").hint("Wait for the approval.");
    error.details = Some(Box::new(details));
    let (status, headers, body) = rendered(error.into()).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert_eq!(headers[header::CONTENT_TYPE], MEDIA_TYPE);
    let expected = json!({
        "type": "urn:countersign:error:wrong_status", "title": "Conflict", "status": 409, "code": "wrong_status",
        "detail": "it cannot be deployed yet", "hint": "Wait for the approval.", "request": "req-1",
        "state": "waiting_for_approval", "missing": "a final approval", "who_can": ["The final approver"], "link": "https://sign.example/x"
    });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn wrong_fields_are_pointed_at_and_nothing_empty_is_sent() {
    let (status, _, body) = rendered(app::Error::invalid("/name", "the name is taken").into()).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let expected = json!({
        "type": "urn:countersign:error:invalid", "title": "Unprocessable Entity", "status": 422, "code": "invalid",
        "detail": "the name is taken", "request": "req-1", "errors": [{"pointer": "/name", "message": "the name is taken"}]
    });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn the_cause_of_a_fault_stays_in_the_log() {
    let cause = std::io::Error::other("password=hunter2");
    let error = app::Error::internal(cause);
    assert!(chain(&error).ends_with(": password=hunter2"), "{}", chain(&error));
    let (status, _, body) = rendered(error.into()).await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(!body.to_string().contains("hunter2"), "{body}");
}

#[tokio::test]
async fn headers_say_how_to_go_on() {
    let (status, headers, _) = rendered(app::Error::new(Kind::Unauthenticated, "not_signed_in", "no").into()).await;
    assert_eq!(
        (status, headers[header::WWW_AUTHENTICATE].to_str().unwrap()),
        (StatusCode::UNAUTHORIZED, "Bearer realm=\"countersign\"")
    );
    let (status, headers, _) = rendered(app::Error::new(Kind::Unavailable, "unavailable", "no").into()).await;
    assert_eq!((status, headers[header::RETRY_AFTER].to_str().unwrap()), (StatusCode::SERVICE_UNAVAILABLE, "5"));
    let (status, headers, _) = rendered(Problem::rate_limited("requests", Duration::from_millis(2001))).await;
    assert_eq!((status, headers[header::RETRY_AFTER].to_str().unwrap()), (StatusCode::TOO_MANY_REQUESTS, "3"));
}

#[test]
fn each_kind_has_the_status_of_the_contract() {
    let kinds = [
        (Kind::Malformed, 400),
        (Kind::Invalid, 422),
        (Kind::Unauthenticated, 401),
        (Kind::Forbidden, 403),
        (Kind::NotFound, 404),
        (Kind::Conflict, 409),
        (Kind::Stale, 412),
        (Kind::PreconditionRequired, 428),
        (Kind::TooLarge, 413),
        (Kind::DeniedByPolicy, 403),
        (Kind::NotAcknowledged, 409),
        (Kind::RateLimited, 429),
        (Kind::Full, 507),
        (Kind::Unavailable, 503),
        (Kind::Internal, 500),
    ];
    for (kind, expected) in kinds {
        assert_eq!(status(kind).as_u16(), expected, "{kind:?}");
    }
}

#[test]
fn what_is_no_problem_passes_unchanged() {
    let response = render((StatusCode::IM_A_TEAPOT, "short and stout").into_response(), "req-1");
    assert_eq!(response.status(), StatusCode::IM_A_TEAPOT);
    assert_ne!(response.headers()[header::CONTENT_TYPE], MEDIA_TYPE);
}
