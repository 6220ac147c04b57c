//! A server's refusal: the sentence that says what is wrong stands above these lines.

use super::{Show, Text, gate::reason};
use crate::problem::Problem;

/// What is wrong in particular, where the sign-off stands, and who can act.
pub fn details(problem: &Problem) -> Text {
    // The sentence above often is that of the only mistake.
    let mistakes = problem.errors.iter().map(|mistake| match problem.detail.as_ref() == Some(&mistake.message) {
        true => Text::line(format!("  at {}", mistake.pointer)),
        false => Text::line(format!("  at {}: {}", mistake.pointer, mistake.message)),
    });
    let reasons = problem.reasons.iter().map(|why| Text::line(format!("  why: {}", reason(why))));
    // The gate's reasons say the first three already, for each version.
    let labels: [(&str, &dyn Show); 4] =
        [("status", &problem.state), ("missing", &problem.missing), ("who can", &problem.who_can), ("see", &problem.link)];
    let labels = labels.into_iter().skip(if problem.reasons.is_empty() { 0 } else { 3 });
    let facts = labels.map(|(label, value)| (label, value.cell())).filter(|(_, value)| !value.is_empty());
    mistakes.chain(reasons).chain(facts.map(|(label, value)| Text::line(format!("  {label}: {value}")))).collect()
}
