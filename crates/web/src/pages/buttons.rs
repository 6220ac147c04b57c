//! What forms with several buttons have in common: the button that was pressed, and a refusal after which the page comes again.

use crate::http::{Failure, Form};
use app::{Error, error::Kind};
use axum::http::StatusCode;

/// Whether the button that was pressed acts, and is no harmless one.
pub(super) fn pressed<'a>(form: &'a Form, known: &[&str]) -> Option<&'a str> {
    Some(form.get("go")).filter(|go| known.contains(go))
}

/// The status of the page that comes again, for a refusal that somebody can mend there; any other failure has a page of its own.
pub(super) fn mendable(error: Error) -> Result<(StatusCode, Error), Failure> {
    let status = match error.kind() {
        Kind::Conflict | Kind::Stale => StatusCode::CONFLICT,
        Kind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        Kind::NotFound if !error.fields.is_empty() => StatusCode::UNPROCESSABLE_ENTITY,
        _ => return Err(error.into()),
    };
    Ok((status, error))
}
