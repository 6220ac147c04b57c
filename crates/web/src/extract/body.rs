//! Bodies, read with a bound on their size and on the client's slowness: a client that stops in the middle holds nothing for ever.

use crate::problem::Problem;
use axum::{
    body::{Body, BodyDataStream, Bytes},
    http::{HeaderMap, StatusCode, header},
};
use futures_util::{Stream, StreamExt, stream};
use std::{io, time::Duration};

/// Bytes of a JSON body.
pub(crate) const JSON_LIMIT: usize = proof::Limits::REQUEST.max_bytes;
/// How long a whole JSON body may take.
const JSON_TIME: Duration = Duration::from_secs(30);
/// How long the next bytes of a file may take.
const CHUNK_TIME: Duration = Duration::from_secs(60);

/// The whole of a JSON body, or nothing where there is none.
pub(crate) async fn json(headers: &HeaderMap, body: Body) -> Result<Bytes, Problem> {
    if content_length(headers).is_some_and(|length| length > JSON_LIMIT as u64) {
        return Err(too_large());
    }
    let reading = collect(body.into_data_stream());
    let bytes = tokio::time::timeout(JSON_TIME, reading).await.unwrap_or_else(|_| {
        let message = format!("the body did not arrive within {} seconds", JSON_TIME.as_secs());
        Err(Problem::http(StatusCode::REQUEST_TIMEOUT, "request_timeout", message).hint("Send it again over a better connection."))
    })?;
    if !bytes.is_empty() && !is_json(headers) {
        let message = "a body must be JSON, with `Content-Type: application/json`";
        return Err(Problem::http(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", message));
    }
    Ok(bytes)
}

async fn collect(mut stream: BodyDataStream) -> Result<Bytes, Problem> {
    let mut whole = Vec::new();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|error| {
            Problem::http(StatusCode::BAD_REQUEST, "body_broken_off", format!("the body broke off: {error}")).hint("Send the request again.")
        })?;
        if whole.len() + chunk.len() > JSON_LIMIT {
            return Err(too_large());
        }
        whole.extend_from_slice(&chunk);
    }
    Ok(whole.into())
}

fn too_large() -> Problem {
    Problem::http(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", format!("a JSON body may have {JSON_LIMIT} bytes")).hint("Send less at a time.")
}

/// The length that the client announces.
pub(crate) fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn is_json(headers: &HeaderMap) -> bool {
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    media_type.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
}

/// The chunks of a body of any size, with its announced length; it ends in an error when the client breaks off or falls silent.
pub(crate) fn chunks(headers: &HeaderMap, body: Body) -> (Option<u64>, impl Stream<Item = io::Result<Bytes>> + Send + Unpin + 'static) {
    let chunks = stream::unfold(Some(body.into_data_stream()), |stream| async {
        let mut stream = stream?;
        match tokio::time::timeout(CHUNK_TIME, stream.next()).await {
            Ok(None) => None,
            Ok(Some(Ok(chunk))) => Some((Ok(chunk), Some(stream))),
            Ok(Some(Err(error))) => Some((Err(io::Error::other(error)), None)),
            Err(_) => {
                let message = format!("the client sent nothing for {} seconds", CHUNK_TIME.as_secs());
                Some((Err(io::Error::new(io::ErrorKind::TimedOut, message)), None))
            }
        }
    });
    (content_length(headers), Box::pin(chunks))
}
