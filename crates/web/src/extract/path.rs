//! What the path names, as domain types. A text that can be no name is refused with the domain's own words.

use crate::problem::Problem;
use app::Error;
use axum::{
    extract::{
        FromRequestParts, Path,
        path::ErrorKind,
        rejection::PathRejection,
    },
    http::request::Parts,
};
use serde::de::DeserializeOwned;

/// The parameters of the path.
pub(crate) struct StrictPath<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for StrictPath<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(path) = Path::from_request_parts(parts, state).await.map_err(wrong)?;
        Ok(Self(path))
    }
}

fn wrong(rejection: PathRejection) -> Error {
    let PathRejection::FailedToDeserializePathParams(failed) = rejection else {
        return Error::internal(rejection);
    };
    match failed.into_kind() {
        ErrorKind::DeserializeError { key, message, .. } => Error::invalid(key, message),
        ErrorKind::ParseErrorAtKey { key, value, expected_type } => {
            let wanted = if expected_type == "u32" || expected_type == "u64" { "a whole number" } else { expected_type };
            Error::invalid(key, format!("`{}` is not {wanted}", value.escape_debug()))
        }
        other => Error::invalid("", format!("in the address: {other}")),
    }
}
