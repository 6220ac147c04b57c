//! What administrators keep: accounts with their invitations, groups, and the tokens of service accounts.

mod groups;
pub(super) mod tokens;
mod user;
mod users;

use crate::http::{Failure, Form, Routes};
use app::{Error, OpContext, error::Kind};
use axum::http::StatusCode;
use domain::access::Action;

pub(super) fn routes() -> Routes {
    [groups::routes(), tokens::routes(), user::routes(), users::routes()].into_iter().fold(Routes::new(), Routes::merge)
}

/// Lets administrators in, and nobody else.
fn administrators(op: &OpContext) -> Result<(), Error> {
    op.allow(Action::KeepUsers)
}

/// Whether the button that was pressed acts, and is no harmless one.
fn pressed<'a>(form: &'a Form, known: &[&str]) -> Option<&'a str> {
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
