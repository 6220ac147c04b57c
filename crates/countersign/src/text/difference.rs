//! What a dry run would change.

use super::{Show, Table, Text};
use serde::Serialize;
use serde_json::Value;

/// A field that a change would alter.
#[derive(Debug, PartialEq, Serialize)]
pub struct Difference {
    /// The field.
    pub what: String,
    /// Its value now.
    pub now: Value,
    /// Its value after the change.
    pub would_be: Value,
}

/// The fields that a change would alter.
pub fn table(differences: &[Difference]) -> Text {
    let mut table = Table::new(&["WHAT", "NOW", "WOULD BE"]);
    for Difference { what, now, would_be } in differences {
        table.row(&[what as &dyn Show, now, would_be]);
    }
    table.text("Nothing would change.")
}
