//! A reply of the server, with the checks that tests make. A failed check panics and shows the whole reply.

use reqwest::header::HeaderMap;
use serde_json::Value;

/// A whole answer.
#[derive(Debug)]
pub struct Reply {
    /// The request, for messages.
    pub what: String,
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub bytes: Vec<u8>,
    /// The body as JSON; null where it is none.
    pub json: Value,
}

impl Reply {
    pub(crate) async fn read(what: String, response: reqwest::Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await.unwrap_or_else(|error| panic!("{what}: the answer broke off: {error}")).to_vec();
        let json = serde_json::from_slice(&bytes).unwrap_or_default();
        Self { what, status, headers, bytes, json }
    }

    /// The body of a success.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert!((200..300).contains(&self.status), "{} gave {}: {}", self.what, self.status, self.text());
        self.json
    }

    /// The body of a problem with this status and code. Every problem says what is wrong, and bears the id of its request.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Value {
        let (what, text) = (&self.what, self.text());
        assert_eq!((self.status, self.json["code"].as_str()), (status, Some(code)), "{what} gave: {text}");
        assert_eq!(self.header("content-type"), "application/problem+json", "{what}");
        assert_eq!(self.json["request"].as_str(), Some(self.header("x-request-id")), "{what}");
        assert_ne!(self.json["detail"].as_str().unwrap_or_default(), "", "{what} says nothing: {text}");
        self.json
    }

    /// The same, of a problem that also says what to do: by a hint, or by pointing at the part that is wrong.
    #[track_caller]
    pub fn refused_helpfully(self, status: u16, code: &str) -> Value {
        let problem = self.refused(status, code);
        let points = problem["errors"].as_array().is_some_and(|errors| errors.iter().all(|error| error["pointer"].is_string()));
        assert!(points || problem["hint"].is_string(), "neither hint nor pointer: {problem}");
        problem
    }

    /// A header; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}
