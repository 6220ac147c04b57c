//! A failure as `application/problem+json` (RFC 9457): the form of the API.

mod next_step;

use crate::http::{Asked, Failure};
use app::error::{Code, Details, FieldError};
use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use domain::NextStep;
use serde::Serialize;
use utoipa::ToSchema;

/// The media type of a problem.
pub(crate) const MEDIA_TYPE: &str = "application/problem+json";

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
    code: Code,
    /// What is wrong, as a sentence.
    detail: &'a str,
    /// How to go on, as a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    /// How to go on, for programs.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = next_step::schema, required = false)]
    next: Option<&'a NextStep>,
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

/// Writes the problem into an answer that has its status.
pub(crate) fn write_problem(failure: &Failure, asked: &Asked, answer: Response) -> Response {
    written(failure, &asked.id, answer)
}

fn written(failure: &Failure, request: &str, mut answer: Response) -> Response {
    // Strings and numbers only: there is nothing in it that JSON cannot say.
    let body = serde_json::to_vec(&ProblemBody::of(failure, request)).unwrap_or_default();
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    if failure.status == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"countersign\""));
    }
    *answer.body_mut() = Body::from(body);
    answer
}

impl<'a> ProblemBody<'a> {
    fn of(failure: &'a Failure, request: &'a str) -> Self {
        let error = failure.error.as_ref();
        let details = error.details.as_deref();
        Self {
            r#type: format!("urn:countersign:error:{}", error.code),
            title: failure.status.canonical_reason().unwrap_or("Error"),
            status: failure.status.as_u16(),
            code: error.code,
            detail: &error.message,
            hint: error.next.as_deref().map(next_step::words),
            next: error.next.as_deref(),
            request,
            errors: error.fields.iter().map(|FieldError { pointer, message }| Field { pointer, message }).collect(),
            state: details.and_then(|Details { status, .. }| status.as_deref()),
            missing: details.and_then(|details| details.missing.as_deref()),
            who_can: details.map(|details| details.who_can.as_slice()).unwrap_or_default(),
            link: details.and_then(|details| details.link.as_deref()),
            answer: details.and_then(|details| details.answer.as_ref()),
        }
    }
}

#[cfg(test)]
mod page;
#[cfg(test)]
mod tests;
