//! Reads query parameters strictly: an unknown parameter is an error, because a misspelt filter would show too much.

use super::{Failure, one_line::one_line};
use app::Error;
use axum::{
    extract::{FromRequestParts, Query, rejection::QueryRejection},
    http::request::Parts,
};
use serde::de::DeserializeOwned;

/// The query parameters. `T` denies unknown fields.
pub(crate) struct StrictQuery<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for StrictQuery<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        if parts.uri.query().is_some_and(|query| query.contains("%00")) {
            return Err(Error::invalid("query", "in the query: a text may not contain the character NUL").into());
        }
        let Query(query) = Query::try_from_uri(&parts.uri).map_err(wrong)?;
        Ok(Self(query))
    }
}

fn wrong(rejection: QueryRejection) -> Error {
    let text = rejection.body_text();
    // axum says what failed, then which parameter, then why.
    let text = text.split_once(": ").map_or(text.as_str(), |(_, rest)| rest);
    let (parameter, message) = match text.split_once(": ") {
        Some((parameter, message)) if parameter.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') => {
            (parameter, message)
        }
        _ => (text.split('`').nth(1).unwrap_or_default(), text),
    };
    Error::invalid(one_line(parameter), format!("in the query: {}", one_line(message)))
}
