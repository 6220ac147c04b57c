//! The addresses that the server's answers carry, with the caller who got them: every address of the server in a view, a problem, a header
//! or a signed statement. Tests follow them.

use crate::Reply;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

/// Where the servers of the testkit say that they are.
pub(crate) const SERVER: &str = "https://countersign.example";

/// The addresses in all answers so far, each with the token of the caller; shared by all clients of a server.
#[derive(Clone, Debug, Default)]
pub(crate) struct Addresses(Arc<Mutex<BTreeSet<(String, String)>>>);

impl Addresses {
    /// Notes the addresses in an answer.
    pub(crate) fn collect(&self, token: Option<&str>, reply: &Reply) {
        let mut addresses = BTreeSet::new();
        find(&reply.json, &mut addresses);
        let location = reply.header("location");
        if !location.is_empty() {
            addresses.insert(location.to_owned());
        }
        let token = token.unwrap_or_default();
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.extend(addresses.into_iter().map(|address| (token.to_owned(), address)));
    }

    /// All of them: token and path.
    pub(crate) fn all(&self) -> BTreeSet<(String, String)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Finds the paths of the server's addresses in a value, and in the payloads of the envelopes in it.
fn find(value: &Value, paths: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            paths.extend(text.strip_prefix(SERVER).filter(|path| path.starts_with('/')).map(str::to_owned));
        }
        Value::Array(items) => items.iter().for_each(|item| find(item, paths)),
        Value::Object(fields) => {
            let payload = fields.get("payload").and_then(Value::as_str).and_then(|payload| STANDARD.decode(payload).ok());
            if let Some(statement) = payload.and_then(|payload| serde_json::from_slice(&payload).ok()) {
                find(&statement, paths);
            }
            fields.values().for_each(|field| find(field, paths));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
