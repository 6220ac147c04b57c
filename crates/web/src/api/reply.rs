//! What handlers return: views as JSON with their ETag. The server keeps the answers to requests with an idempotency key.

use crate::http::Failure;
use app::{Error, OpContext, Tag, change::idempotency};
use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use std::fmt::Display;

/// What every handler of the API returns.
pub(crate) type Answer = Result<Response, Failure>;

/// 200 with a view.
pub(crate) fn ok(view: &impl Serialize) -> Answer {
    json(StatusCode::OK, encode(view)?)
}

/// 200 with a view and the tag of its state.
pub(crate) fn tagged(view: &impl Serialize, tag: &Tag) -> Answer {
    let mut response = ok(view)?;
    response.headers_mut().extend([etag(tag)?]);
    Ok(response)
}

/// 201 with what was created, kept for when the same request comes again.
pub(crate) async fn created(op: &OpContext, view: &impl Serialize) -> Answer {
    let bytes = encode(view)?;
    if let Err(error) = idempotency::keep(op, StatusCode::CREATED.as_u16(), &bytes).await {
        // It is created and committed: an error now would say the opposite. Only a repetition will not get this answer.
        tracing::error!(%error, "the answer to an idempotent request could not be kept");
    }
    json(StatusCode::CREATED, bytes)
}

/// 201 with what is shown only this once, and is therefore never kept.
pub(crate) fn created_secret(view: &impl Serialize) -> Answer {
    json(StatusCode::CREATED, encode(view)?)
}

/// 204.
pub(crate) fn no_content() -> Answer {
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// 200 with a text.
pub(crate) fn text(text: String) -> Answer {
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"))], text).into_response())
}

/// 200 with bytes that are JSON already, exactly as they are.
pub(crate) fn json_bytes(bytes: Vec<u8>) -> Answer {
    json(StatusCode::OK, bytes)
}

/// The ETag header for this tag: of a state, or the digest of a file.
pub(crate) fn etag(tag: &impl Display) -> Result<(HeaderName, HeaderValue), Error> {
    Ok((header::ETAG, HeaderValue::try_from(format!("\"{tag}\"")).map_err(Error::internal)?))
}

fn encode(view: &impl Serialize) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(view).map_err(Error::internal)
}

fn json(status: StatusCode, body: Vec<u8>) -> Answer {
    Ok((status, [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response())
}
