//! The state that the client saw, by its ETag. The use case says whether a request needs the ETag, and whether the ETag is up to
//! date. `*`, which HTTP takes for every state, is refused everywhere: nobody has seen every state.

use super::Failure;
use app::{Error, error::Code};
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use domain::NextStep;
use utoipa::IntoParams;

/// The tag in `If-Match`, without its quotes.
pub(crate) struct IfMatch(Option<String>);

/// The header, for the document.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "read by the derive only: the extractor reads the header itself")]
pub(crate) struct IfMatchHeader {
    /// The ETag of the state that the client saw. If the ETag is out of date, the answer is 412 and nothing changes.
    #[param(rename = "If-Match")]
    if_match: Option<String>,
}

impl IfMatch {
    /// The tag, as use cases take it.
    pub(crate) fn expected(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        Ok(Self(read(&parts.headers)?))
    }
}

fn read(headers: &HeaderMap) -> Result<Option<String>, Error> {
    let mut values = headers.get_all(header::IF_MATCH).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let tag = value.to_str().ok().and_then(|text| text.trim().strip_prefix('"')?.strip_suffix('"'));
    let wrong = |message: &str| Error::new(Code::MalformedIfMatch, message).at("If-Match").next(NextStep::SendIfMatch);
    if value == "*" || tag == Some("*") {
        return Err(wrong("If-Match: * stands for every state, and a request here names the one state that was seen"));
    }
    match tag {
        Some(tag) if values.next().is_none() && !tag.is_empty() && !tag.contains('"') => Ok(Some(tag.to_owned())),
        _ => Err(wrong("If-Match must be exactly one strong ETag, in quotes, like \"r1.2\"")),
    }
}
