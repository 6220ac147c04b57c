//! Reads JSON bodies strictly: an object for every struct, no repeated key, no unknown field, no NUL, bounded in size and
//! depth. An error points at its place.

use super::{
    Failure, Web,
    body::{self, Sender},
    body_value::BodyValue,
    one_line::one_line,
};
use app::{Error, error::Code};
use axum::extract::{FromRequest, Request};
use proof::{Limits, StrictJsonError, strict_json};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use serde_path_to_error::{Path, Segment};
use utoipa::ToSchema;

/// A JSON body. An absent one is read as `{}`.
pub(crate) struct StrictJson<T>(pub(crate) T);

/// The same of somebody who need not be signed in.
pub(crate) struct StrangersJson<T>(pub(crate) T);

/// The body of a request that needs none: absent, or `{}`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EmptyBody {}

impl<T: DeserializeOwned> FromRequest<Web> for StrictJson<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &Web) -> Result<Self, Failure> {
        let (parts, body) = request.into_parts();
        let bytes = body::json(&parts.headers, body, Sender::Known).await?;
        Ok(Self(read(&bytes)?))
    }
}

impl<T: DeserializeOwned> FromRequest<Web> for StrangersJson<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &Web) -> Result<Self, Failure> {
        let (parts, body) = request.into_parts();
        let bytes = body::json(&parts.headers, body, Sender::Stranger).await?;
        Ok(Self(read(&bytes)?))
    }
}

/// Reads the bytes of a body.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    let bytes = if bytes.is_empty() { b"{}" } else { bytes };
    let value = strict_json::parse(bytes, &Limits::REQUEST).map_err(unreadable)?;
    if let Some(pointer) = find_nul(&value) {
        return Err(Error::invalid(pointer, "a text may not contain the character NUL"));
    }
    serde_path_to_error::deserialize(BodyValue(value)).map_err(|error| {
        let message = error.inner().to_string();
        Error::invalid(pointer(error.path(), &message), one_line(&message))
    })
}

fn unreadable(error: StrictJsonError) -> Error {
    let message = one_line(&error.to_string());
    match error {
        StrictJsonError::TooLarge { .. } => Error::new(Code::BodyTooLarge, message),
        StrictJsonError::DuplicateKey { pointer, .. } => Error::new(Code::DuplicateKey, message).at(pointer),
        StrictJsonError::Float { pointer } => Error::new(Code::MalformedJson, message).at(pointer),
        StrictJsonError::InvalidUtf8 { .. }
        | StrictJsonError::TooDeep { .. }
        | StrictJsonError::IntegerTooLarge { .. }
        | StrictJsonError::Syntax(_) => Error::new(Code::MalformedJson, message),
    }
}

/// Where the first text with a NUL in it is. Databases and C programs cut or refuse such texts, each in its own way.
fn find_nul(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => text.contains('\0').then(String::new),
        Value::Array(items) => items.iter().enumerate().find_map(|(index, item)| Some(format!("/{index}{}", find_nul(item)?))),
        Value::Object(fields) => fields.iter().find_map(|(key, item)| {
            let inside = if key.contains('\0') { Some(String::new()) } else { find_nul(item) };
            Some(format!("/{}{}", escape(key), inside?))
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// The JSON pointer (RFC 6901) of what is wrong. For a field that is missing, serde's path ends at the object that it is missing
/// from, and only its message names the field.
fn pointer(path: &Path, message: &str) -> String {
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } => pointer.push_str(&format!("/{}", escape(key))),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    if let Some((field, _)) = message.strip_prefix("missing field `").and_then(|rest| rest.split_once('`')) {
        pointer.push_str(&format!("/{}", escape(field)));
    }
    pointer
}

fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "what matters is how it fails to be read")]
    struct Outer {
        name: Vec<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "what matters is how it fails to be read")]
    struct Inner {
        name: u8,
    }

    #[test]
    fn pointers_are_exact_even_where_names_repeat() {
        for (body, expected) in [
            (r#"{"name": [{"name": 1}, {}]}"#, "/name/1/name"),
            (r#"{"name": [{"name": 300}]}"#, "/name/0/name"),
            (r#"{"name": [{"name": 1, "a/b~": 2}]}"#, "/name/0/a~1b~0"),
            (r#"{"name": [{"name": "\u0000"}]}"#, "/name/0/name"),
            (r#"{"name": [{"n\u0000": 1}]}"#, "/name/0/n\u{0}"),
            (r#"{}"#, "/name"),
            ("", "/name"),
        ] {
            let error = read::<Outer>(body.as_bytes()).unwrap_err();
            assert_eq!((error.code, error.fields[0].pointer.as_str()), (Code::Invalid, expected), "{body}: {error}");
        }
        assert!(read::<EmptyBody>(b"").is_ok() && read::<EmptyBody>(b"{}").is_ok() && read::<EmptyBody>(b"{\"a\":1}").is_err());
    }
}
