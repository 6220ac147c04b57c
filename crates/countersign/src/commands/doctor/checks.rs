//! What the checks of the doctor found.

use crate::text::check::Check;

/// The checks and what came out.
#[derive(Default)]
pub(super) struct Checks(pub(super) Vec<Check>);

impl Checks {
    /// Notes a check: what is well, or what is wrong.
    pub(super) fn note(&mut self, check: impl Into<String>, result: Result<String, String>) {
        let state = if result.is_ok() { "ok" } else { "wrong" };
        let (Ok(detail) | Err(detail)) = result;
        self.0.push(Check { check: check.into(), state, detail });
    }
}
