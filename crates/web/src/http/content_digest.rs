//! The `Content-Digest` header (RFC 9530): the digest that a body must have, so that the server notices damage on the way.

use super::Failure;
use app::{Error, error::Code};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::Digest;

/// The header.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("content-digest");

/// The SHA-256 that the client says its body has. Other algorithms in the header are passed over.
pub(crate) fn digest_of(headers: &HeaderMap) -> Result<Option<Digest>, Failure> {
    for value in headers.get_all(HEADER) {
        let text = value.to_str().map_err(|_| malformed())?;
        for member in text.split(',') {
            let (algorithm, value) = member.split_once('=').ok_or_else(malformed)?;
            if algorithm.trim().eq_ignore_ascii_case("sha-256") {
                let encoded = value.trim().strip_prefix(':').and_then(|value| value.strip_suffix(':')).ok_or_else(malformed)?;
                let bytes = STANDARD.decode(encoded).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
                return bytes.map(|bytes| Some(Digest::from_bytes(bytes))).ok_or_else(|| malformed().into());
            }
        }
    }
    Ok(None)
}

/// The header for a body with this digest.
pub(crate) fn digest_header(digest: &Digest) -> Result<(HeaderName, HeaderValue), Error> {
    let value = format!("sha-256=:{}:", STANDARD.encode(digest.as_bytes()));
    Ok((HEADER, HeaderValue::try_from(value).map_err(Error::internal)?))
}

fn malformed() -> Error {
    let message = "Content-Digest must look like sha-256=:BASE64: with the 32 bytes of the digest in base64";
    Error::new(Code::MalformedContentDigest, message).at("Content-Digest")
}
