//! Every failure as `application/problem+json` (RFC 9457), and the one place where failures are logged. A handler gives back a
//! [`Problem`]; [`render`], which knows the request's id, turns it into bytes on the way out.

use app::error::{Details, FieldError, Kind};
use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use std::{fmt::Write, sync::Arc, time::Duration};
use utoipa::ToSchema;

/// The media type of a problem.
pub(crate) const MEDIA_TYPE: &str = "application/problem+json";

/// A failed request.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    error: Box<app::Error>,
    retry_after: Option<Duration>,
}

/// What a client reads when a request failed (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemBody<'a> {
    /// `urn:countersign:error:CODE`.
    r#type: String,
    /// The kind of failure, for people.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// The stable code: what a program should look at.
    code: &'a str,
    /// What is wrong, as a sentence.
    detail: &'a str,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'a str>,
    /// The id of the request, as in the server's log.
    request: &'a str,
    /// Which parts of the request are wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<Field<'a>>,
    /// Where the sign-off stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'a str>,
    /// What is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    missing: Option<&'a str>,
    /// Who can act.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    #[schema(required = false)]
    who_can: &'a [String],
    /// Where to look at it.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<&'a str>,
    /// The gate's answer, if the gate refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    answer: Option<&'a domain::gate::Answer>,
}

/// One wrong part of a request.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProblemField)]
pub(crate) struct Field<'a> {
    /// A JSON pointer into the body, or the name of a parameter.
    pointer: &'a str,
    /// What is wrong with it.
    message: &'a str,
}

impl Problem {
    /// A failure that only HTTP knows, so that no [`Kind`] gives its status.
    pub(crate) fn http(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        let kind = if status.is_server_error() { Kind::Internal } else { Kind::Malformed };
        Self { status, error: Box::new(app::Error::new(kind, code, message)), retry_after: None }
    }

    /// Adds what to do.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.error.hint = Some(hint.into());
        self
    }

    /// Too many requests of this caller, with the time until the next is served.
    pub(crate) fn rate_limited(what: &str, wait: Duration) -> Self {
        let error = app::Error::new(Kind::RateLimited, "rate_limited", format!("too many {what}"))
            .hint("Wait as long as Retry-After says.");
        Self { retry_after: Some(wait), ..Self::from(error) }
    }

    /// The error's stable code.
    #[cfg(test)]
    pub(crate) fn code(&self) -> &'static str {
        self.error.code
    }

    fn body<'a>(&'a self, request: &'a str) -> ProblemBody<'a> {
        let error = self.error.as_ref();
        let details = error.details.as_deref();
        ProblemBody {
            r#type: format!("urn:countersign:error:{}", error.code),
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            code: error.code,
            detail: &error.message,
            hint: error.hint.as_deref(),
            request,
            errors: error.fields.iter().map(|FieldError { pointer, message }| Field { pointer, message }).collect(),
            state: details.and_then(|Details { status, .. }| status.as_deref()),
            missing: details.and_then(|details| details.missing.as_deref()),
            who_can: details.map(|details| details.who_can.as_slice()).unwrap_or_default(),
            link: details.and_then(|details| details.link.as_deref()),
            answer: details.and_then(|details| details.answer.as_ref()),
        }
    }

    /// Says it in the log: faults of this server loudly, with all that led to them; what the client did wrong quietly.
    fn log(&self) {
        let (status, code) = (self.status.as_u16(), self.error.code);
        if self.status.is_server_error() {
            tracing::error!(status, code, error = chain(self.error.as_ref()), "request failed");
        } else {
            tracing::debug!(status, code, error = %self.error, "request refused");
        }
    }
}

/// An error and its causes, on one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let _ = write!(text, ": {error}"); // writing to a String does not fail
        cause = error.source();
    }
    text
}

impl From<app::Error> for Problem {
    fn from(error: app::Error) -> Self {
        let status = status(error.kind);
        let retry_after = match error.kind {
            Kind::RateLimited => Some(Duration::from_secs(60)),
            Kind::Unavailable => Some(Duration::from_secs(5)),
            _ => None,
        };
        Self { status, error: Box::new(error), retry_after }
    }
}

/// The HTTP status of each kind of error.
fn status(kind: Kind) -> StatusCode {
    match kind {
        Kind::Malformed => StatusCode::BAD_REQUEST,
        Kind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        Kind::Unauthenticated => StatusCode::UNAUTHORIZED,
        Kind::Forbidden | Kind::DeniedByPolicy => StatusCode::FORBIDDEN,
        Kind::NotFound => StatusCode::NOT_FOUND,
        Kind::Conflict | Kind::NotAcknowledged => StatusCode::CONFLICT,
        Kind::Stale => StatusCode::PRECONDITION_FAILED,
        Kind::PreconditionRequired => StatusCode::PRECONDITION_REQUIRED,
        Kind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Kind::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        Kind::Full => StatusCode::INSUFFICIENT_STORAGE,
        Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl IntoResponse for Problem {
    /// The status and headers; the body follows in [`render`].
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        let headers = response.headers_mut();
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"countersign\""));
        }
        if let Some(wait) = self.retry_after {
            // Rounded up, so that a client that waits that long is served.
            headers.insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs() + u64::from(wait.subsec_nanos() > 0)));
        }
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// Logs a problem and writes its body; any other answer passes unchanged.
pub(crate) fn render(mut response: Response, request: &str) -> Response {
    let Some(problem) = response.extensions_mut().remove::<Arc<Problem>>() else { return response };
    problem.log();
    // Strings and numbers only: there is nothing in it that JSON cannot say.
    let body = serde_json::to_vec(&problem.body(request)).unwrap_or_default();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    *response.body_mut() = Body::from(body);
    response
}

#[cfg(test)]
mod tests;
