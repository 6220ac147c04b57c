//! Compresses what browsers load. Forms bear a text that is new in every answer, so the length of an answer tells nothing of it.

use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderMap, HeaderValue, header},
    middleware::Next,
    response::Response,
};
use flate2::{Compression, write::GzEncoder};
use std::io::{self, Write};

/// Pages below this are sent as they are.
const SMALLEST: usize = 1024;

/// These bytes, compressed.
pub(crate) fn gzipped(bytes: &[u8], level: Compression) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), level);
    encoder.write_all(bytes)?;
    encoder.finish()
}

/// Whether the client takes gzip.
pub(crate) fn takes_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepted.split(',').any(|coding| {
        let (name, quality) = coding.split_once(';').unwrap_or((coding, ""));
        name.trim() == "gzip" && quality.trim() != "q=0"
    })
}

/// Compresses pages. What is no page, or is compressed already, stays as it is.
pub(super) async fn compress(request: Request, next: Next) -> Response {
    let wanted = takes_gzip(request.headers());
    let answer = next.run(request).await;
    let is_page = answer.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if !is_page || !wanted {
        return answer;
    }
    let (mut head, body) = answer.into_parts();
    // A page is whole in memory.
    let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
    head.headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    match gzipped(&bytes, Compression::fast()) {
        Ok(compressed) if bytes.len() >= SMALLEST => {
            head.headers.remove(header::CONTENT_LENGTH);
            head.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            Response::from_parts(head, Body::from(compressed))
        }
        _ => Response::from_parts(head, Body::from(bytes)),
    }
}
