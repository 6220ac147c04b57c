//! The id of a request, in every answer, every log line and every recorded event.

use app::{Caller, OpContext, Server};
use axum::http::{HeaderMap, HeaderName};
use std::sync::Arc;
use uuid::Uuid;

/// The header that carries it, both ways.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("x-request-id");
/// How long an id that a client brings may be.
const LONGEST: usize = 64;

/// The id of a request; in its extensions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RequestId(pub(crate) String);

impl RequestId {
    /// The client's own id where it sent a usable one, or else a new one.
    pub(crate) fn choose(headers: &HeaderMap, server: &Arc<Server>) -> Self {
        let sent = headers.get(HEADER).and_then(|value| value.to_str().ok()).filter(|id| is_safe(id));
        Self(sent.map_or_else(|| OpContext::new(server.clone(), Caller::Anonymous, "").id::<Uuid>().to_string(), str::to_owned))
    }
}

/// Nothing that could break a line of a log, or mean something to a program that reads the log.
fn is_safe(id: &str) -> bool {
    (1..=LONGEST).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_harmless_ids_are_taken_over() {
        for good in ["a", "0192f1c0-7c5e-7000-8000-000000000000", "build_7.3:deploy", &"x".repeat(64)] {
            assert!(is_safe(good), "{good}");
        }
        for bad in ["", "a b", "a\nb", "é", "a\"b", "<b>", &"x".repeat(65)] {
            assert!(!is_safe(bad), "{bad}");
        }
    }
}
