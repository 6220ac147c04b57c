//! Answers: JSON with a status, and errors in the protocol's form, `{"error": why}`.

use super::answer_body::AnswerBody;
use futures_util::FutureExt;
use hyper::{
    Response, StatusCode,
    header::{self, HeaderValue},
};
use serde::Serialize;
use std::panic::AssertUnwindSafe;

/// What a request is answered with.
pub(crate) type Answer = Response<AnswerBody>;

pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Why a request is not answered as asked.
#[derive(Debug)]
pub(crate) struct Failure {
    status: StatusCode,
    message: String,
    /// Seconds after which it may well go.
    retry_after: Option<u16>,
    /// What the address does take, where the method is wrong.
    allow: Option<&'static str>,
}

impl Failure {
    pub(crate) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), retry_after: None, allow: None }
    }

    /// 400: the request is wrong.
    pub(crate) fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// 404: the service or version does not exist here.
    pub(crate) fn unknown(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    /// 503: it cannot be answered now.
    pub(crate) fn unavailable(message: impl Into<String>, retry_after: Option<u16>) -> Self {
        Self { retry_after, ..Self::new(StatusCode::SERVICE_UNAVAILABLE, message) }
    }

    /// 405: the address takes other methods.
    pub(crate) fn method(allow: &'static str) -> Self {
        Self { allow: Some(allow), ..Self::new(StatusCode::METHOD_NOT_ALLOWED, format!("this address takes {allow}")) }
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    pub(crate) fn into_answer(self) -> Answer {
        #[derive(Serialize)]
        struct Body<'a> {
            error: &'a str,
        }
        let mut answer = json(self.status, &Body { error: &self.message });
        let headers = answer.headers_mut();
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if let Some(methods) = self.allow {
            headers.insert(header::ALLOW, HeaderValue::from_static(methods));
        }
        answer
    }
}

/// What comes of the work; 500 where it panics: a mistake of the node costs one request, and not its connection.
pub(crate) async fn catch_panic<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    AssertUnwindSafe(work).catch_unwind().await.unwrap_or_else(|_| {
        // The panic itself is in the log by its hook.
        tracing::error!("answering a request broke off by a mistake of the node");
        Err(Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "the node made a mistake, which its log names"))
    })
}

/// An answer in JSON.
pub(crate) fn json(status: StatusCode, value: &impl Serialize) -> Answer {
    let text = serde_json::to_vec(value).expect("our own types have a form in JSON");
    let mut answer = Response::new(AnswerBody::from(text));
    *answer.status_mut() = status;
    answer.headers_mut().insert(header::CONTENT_TYPE, JSON);
    answer
}

/// An answer in plain text, as Prometheus reads it.
pub(crate) fn text(text: String) -> Answer {
    let mut answer = Response::new(AnswerBody::from(text.into_bytes()));
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; version=0.0.4"));
    answer
}
