//! What forms with several buttons have in common: the button that was pressed, and a refusal after which the page comes again.

use super::failures::sentence;
use crate::http::{Failure, Form};
use app::{Error, error::Kind};
use axum::http::StatusCode;

/// Whether the button that was pressed acts, and is no harmless one.
pub(super) fn pressed<'a>(form: &'a Form, known: &[&str]) -> Option<&'a str> {
    Some(form.get("go")).filter(|go| known.contains(go))
}

/// What stands above a form whose object changed meanwhile.
const CHANGED: &str = "This was changed while you wrote. What you wrote is kept below; nothing was saved. Send it again to put it in the place \
                       of the change.";

/// For a refusal that somebody can mend on the page that comes again: the status of that page, and what stands above the form. Any other
/// failure has a page of its own.
pub(super) fn mendable(error: Error) -> Result<(StatusCode, String), Failure> {
    let status = match error.kind() {
        Kind::Stale => return Ok((StatusCode::CONFLICT, CHANGED.to_owned())),
        Kind::Conflict => StatusCode::CONFLICT,
        Kind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        Kind::NotFound if !error.fields.is_empty() => StatusCode::UNPROCESSABLE_ENTITY,
        _ => return Err(error.into()),
    };
    Ok((status, sentence(&error.message)))
}
