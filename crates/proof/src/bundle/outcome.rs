//! What came of the checks of a bundle.

use serde::Serialize;

/// One check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What is checked.
    pub check: String,
    /// What came of it.
    pub outcome: Outcome,
    /// In words.
    pub because: String,
    /// Whether the verifier asked for it, so that a check that is not shown is no success.
    pub asked: bool,
}

/// What came of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The bundle shows it.
    Shown,
    /// The bundle does not speak of it.
    NotShown,
    /// The bundle shows the opposite, or was altered.
    Wrong,
}

/// The checks so far.
#[derive(Default)]
pub(super) struct Checks(pub Vec<Check>);

impl Checks {
    /// One check more.
    pub fn add(&mut self, check: &str, outcome: Outcome, because: impl Into<String>, asked: bool) {
        self.0.push(Check { check: check.to_owned(), outcome, because: because.into(), asked });
    }

    /// A check that shows something or is wrong; every such check was asked for.
    pub fn result(&mut self, check: &str, result: Result<String, String>) {
        match result {
            Ok(because) => self.add(check, Outcome::Shown, because, true),
            Err(because) => self.add(check, Outcome::Wrong, because, true),
        }
    }
}
