//! The checks of `doctor`.

use super::{Table, Text, cells};
use serde::Serialize;

/// One look at a part of the set-up.
#[derive(Debug, Serialize)]
pub struct Check {
    /// The part.
    pub check: String,
    /// `ok` or `wrong`.
    pub state: &'static str,
    /// What was seen.
    pub detail: String,
}

/// The checks, a line each.
pub fn table(checks: &[Check]) -> Text {
    Table::of(&["STATE", "CHECK", "DETAIL"], checks, |check| cells![check.state, check.check, check.detail]).text("")
}
