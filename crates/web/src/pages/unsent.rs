//! A form that came when its session had ended. The sign-in page carries the fields along, and after signing in its person finds them again:
//! back in the form, or ready to be sent. The server keeps nothing of it.

use super::{parts, shell::Shell};
use crate::http::{Failure, NOT_CARRIED};
use askama::Template;
use axum::{http::StatusCode, response::Response};

/// The field of the button that was pressed, in forms with several buttons.
const BUTTON: &str = "go";
/// What the harmless button of such a form sends.
const AGAIN: &str = "again";
/// A text that people read before they send it again has this many characters at least; shorter ones are choices and names.
const WORTH_SHOWING: usize = 20;

#[derive(Template)]
#[template(path = "unsent.html")]
struct UnsentPage<'a> {
    shell: &'a Shell,
    /// Where the form goes.
    to: &'a str,
    fields: &'a [(String, String)],
    /// Whether the form shows itself again when it is sent, instead of doing something.
    is_shown_again: bool,
}

/// The page after signing in.
pub(super) fn page(shell: &Shell, to: &str, packed: &str) -> Result<Response, Failure> {
    let mut fields: Vec<(String, String)> = form_urlencoded::parse(packed.as_bytes()).into_owned().collect();
    fields.retain(|(name, _)| !NOT_CARRIED.contains(&name.as_str()));
    let mut is_shown_again = false;
    for (name, value) in &mut fields {
        if name == BUTTON {
            (*value, is_shown_again) = (AGAIN.to_owned(), true);
        }
    }
    shell.page(StatusCode::OK, &UnsentPage { shell, to, fields: &fields, is_shown_again })
}

impl UnsentPage<'_> {
    /// What was written, to be read.
    fn texts(&self) -> impl Iterator<Item = &str> {
        self.fields
            .iter()
            .map(|(_, value)| value.as_str())
            .filter(|value| value.chars().count() >= WORTH_SHOWING && value.contains(' '))
    }
}
