//! The checks of a bundle.

use super::{Table, Text, cells};
use proof::bundle::{Check, Outcome};

/// Each check with what came of it.
pub fn checks(checks: &[Check]) -> Text {
    let outcome = |check: &Check| match check.outcome {
        Outcome::Shown => "shown",
        Outcome::NotShown => "not shown",
        Outcome::Wrong => "WRONG",
    };
    Table::of(&["CHECK", "OUTCOME", "BECAUSE"], checks, |check| cells![check.check, outcome(check), check.because]).text("")
}
