//! The names in an address, as domain types. The server refuses a text that can be no name with the domain's own words.

use super::Failure;
use app::{Error, error::Code};
use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::request::Parts,
};
use std::{fmt::Display, str::FromStr};

/// The parameters of the address.
pub(crate) struct StrictPath<T>(pub(crate) T);

/// Something made of the parameters of an address.
pub(crate) trait FromPath: Sized {
    /// Reads the parameters.
    ///
    /// # Errors
    /// When one of them is not what it should be.
    fn from_path(parameters: &RawPathParams) -> Result<Self, Error>;
}

impl<S: Send + Sync, T: FromPath> FromRequestParts<S> for StrictPath<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let parameters = RawPathParams::from_request_parts(parts, state).await;
        let parameters = parameters.map_err(|error| Error::new(Code::MalformedAddress, error.body_text()))?;
        if let Some((name, _)) = parameters.iter().find(|(_, value)| value.contains('\0')) {
            let message = format!("{name} in the address: a text may not contain the character NUL");
            return Err(Error::invalid(name, message).into());
        }
        Ok(Self(T::from_path(&parameters)?))
    }
}

/// Reads one parameter.
///
/// # Errors
/// When it is not what it should be.
pub(crate) fn parameter<T: FromStr<Err: Display>>(parameters: &RawPathParams, name: &str) -> Result<T, Error> {
    let value = parameters.iter().find_map(|(known, value)| (known == name).then_some(value)).unwrap_or_default();
    value.parse().map_err(|error| Error::invalid(name, format!("{name} in the address: {error}")))
}
