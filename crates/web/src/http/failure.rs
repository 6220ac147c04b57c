//! A failed request, before a face renders it: the error of a use case, or an error of HTTP. The one place that logs failures.

use app::error::{Code, Kind};
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::NextStep;
use std::{fmt::Write, sync::Arc, time::Duration};

/// A failed request.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) status: StatusCode,
    pub(crate) error: Box<app::Error>,
    retry_after: Option<Duration>,
    unsent: Option<String>,
}

impl Failure {
    /// Too many requests of this caller, with the time until the next is served.
    pub(crate) fn rate_limited(what: &str, wait: Duration) -> Self {
        let next = NextStep::WaitSeconds { seconds: whole_seconds(wait) };
        let error = app::Error::new(Code::RateLimited, format!("too many {what}")).next(next);
        Self { retry_after: Some(wait), ..Self::from(error) }
    }

    /// The same, with the packed form that was not taken because its sender is to sign in first.
    pub(crate) fn with_unsent(self, packed: String) -> Self {
        Self { unsent: Some(packed).filter(|packed| !packed.is_empty()), ..self }
    }

    /// The form that was not taken, packed; none where it had nothing to carry.
    pub(crate) fn unsent(&self) -> Option<&str> {
        self.unsent.as_deref()
    }

    /// How long the client is to wait, where it is.
    pub(crate) fn wait(&self) -> Option<Duration> {
        self.retry_after
    }

    /// The error's stable code.
    #[cfg(test)]
    pub(crate) fn code(&self) -> &'static str {
        self.error.code.as_str()
    }

    /// Takes a failure out of an answer that carries one, and logs it.
    pub(super) fn take_from(answer: &mut Response) -> Option<Arc<Self>> {
        let failure = answer.extensions_mut().remove::<Arc<Self>>()?;
        failure.log();
        Some(failure)
    }

    /// Faults of this server loudly, with all that led to them; mistakes of the client quietly.
    fn log(&self) {
        let (status, code) = (self.status.as_u16(), self.error.code.as_str());
        if self.status.is_server_error() {
            tracing::error!(status, code, error = chain(self.error.as_ref()), "request failed");
        } else {
            tracing::debug!(status, code, error = %self.error, "request refused");
        }
    }
}

/// Rounded up: a client that waits that long is served.
fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
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

impl From<app::Error> for Failure {
    fn from(error: app::Error) -> Self {
        let kind = error.kind();
        let retry_after = match kind {
            Kind::RateLimited => Some(Duration::from_secs(60)),
            Kind::Unavailable => Some(Duration::from_secs(5)),
            _ => None,
        };
        Self { status: status(kind), error: Box::new(error), retry_after, unsent: None }
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
        Kind::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
        Kind::TooSlow => StatusCode::REQUEST_TIMEOUT,
        Kind::Conflict | Kind::NotAcknowledged => StatusCode::CONFLICT,
        Kind::Stale => StatusCode::PRECONDITION_FAILED,
        Kind::PreconditionRequired => StatusCode::PRECONDITION_REQUIRED,
        Kind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Kind::WrongFormat => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Kind::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        Kind::Full => StatusCode::INSUFFICIENT_STORAGE,
        Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl IntoResponse for Failure {
    /// The status, and the headers that mean the same in every face. The face's form adds the rest: see [`super::Face`].
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        if let Some(wait) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(whole_seconds(wait)));
        }
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_the_status_of_the_contract() {
        let kinds = [
            (Kind::Malformed, 400),
            (Kind::Invalid, 422),
            (Kind::Unauthenticated, 401),
            (Kind::Forbidden, 403),
            (Kind::NotFound, 404),
            (Kind::WrongMethod, 405),
            (Kind::TooSlow, 408),
            (Kind::Conflict, 409),
            (Kind::Stale, 412),
            (Kind::PreconditionRequired, 428),
            (Kind::TooLarge, 413),
            (Kind::WrongFormat, 415),
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
    fn the_log_has_the_cause_of_a_fault() {
        let error = app::Error::internal("password=hunter2");
        assert!(chain(&error).ends_with(": password=hunter2"), "{}", chain(&error));
    }

    #[test]
    fn a_client_that_is_to_wait_is_told_how_long() {
        let retry_after = |failure: Failure| failure.into_response().headers()[header::RETRY_AFTER].to_str().unwrap().to_owned();
        assert_eq!(retry_after(app::Error::new(Code::Unavailable, "no").into()), "5");
        assert_eq!(retry_after(Failure::rate_limited("requests", Duration::from_millis(2001))), "3");
    }
}
