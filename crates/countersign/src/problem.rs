//! A server's refusal (RFC 9457), read part by part: a part that is missing, or that this program cannot read,
//! does not hide the other parts.

use crate::client::read;
use crate::text::next_step;
use domain::{NextStep, gate::Reason};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

/// A server's refusal.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// The stable code.
    pub code: Option<String>,
    /// What is wrong, as a sentence.
    pub detail: Option<String>,
    /// How to go on, in the server's words.
    pub hint: Option<String>,
    /// How to go on, where this program knows the step.
    pub next: Option<NextStep>,
    /// The id of the request.
    pub request: Option<String>,
    /// The parts of the request that are wrong.
    pub errors: Vec<Mistake>,
    /// Where the sign-off stands.
    pub state: Option<String>,
    /// What is missing.
    pub missing: Option<String>,
    /// Who can act.
    pub who_can: Vec<String>,
    /// Where to look.
    pub link: Option<String>,
    /// Why the gate refused, for each version.
    pub reasons: Vec<Reason>,
    /// The whole, as the server said it.
    pub whole: Value,
}

/// A wrong part of a request.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Mistake {
    /// The place, as a JSON pointer or the name of a parameter.
    pub pointer: String,
    /// What is wrong there.
    pub message: String,
}

impl Problem {
    /// Reads what a server said.
    pub fn read(whole: Value) -> Self {
        Self {
            code: part(&whole["code"]),
            detail: part(&whole["detail"]).or_else(|| part(&whole["title"])),
            hint: part(&whole["hint"]),
            next: part(&whole["next"]),
            request: part(&whole["request"]),
            errors: part(&whole["errors"]).unwrap_or_default(),
            state: part(&whole["state"]),
            missing: part(&whole["missing"]),
            who_can: part(&whole["who_can"]).unwrap_or_default(),
            link: part(&whole["link"]),
            reasons: part(&whole["answer"]["reasons"]).unwrap_or_default(),
            whole,
        }
    }

    /// How to go on, as a sentence for people at a terminal. A step of a later version is told in the server's words.
    pub fn hint(&self) -> Option<String> {
        self.next.as_ref().map(next_step::words).or_else(|| self.hint.clone())
    }
}

fn part<T: DeserializeOwned>(value: &Value) -> Option<T> {
    read(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_known_step_is_told_in_the_words_of_the_command_line_and_a_later_one_in_those_of_the_server() {
        let hint = |problem| Problem::read(problem).hint();
        assert_eq!(hint(json!({"next": {"step": "add_comment"}, "hint": "Send it."})).unwrap(), "Add --comment \"…\".");
        assert_eq!(hint(json!({"next": {"step": "dance"}, "hint": "Dance."})).unwrap(), "Dance.");
        assert_eq!(hint(json!({"hint": "Send it."})).unwrap(), "Send it.");
        assert_eq!(hint(json!({})), None);
    }

    #[test]
    fn a_part_that_cannot_be_read_takes_nothing_away() {
        let whole = json!({"code": 7, "detail": "no", "errors": "none", "who_can": ["A"], "answer": {"reasons": [{"version": 1}]}, "more": {}});
        let problem = Problem::read(whole.clone());
        assert_eq!((problem.code, problem.detail.as_deref(), problem.who_can), (None, Some("no"), vec!["A".to_owned()]));
        assert!(problem.errors.is_empty() && problem.reasons.is_empty());
        assert_eq!(problem.whole, whole);
    }

    #[test]
    fn a_title_stands_in_for_the_detail() {
        assert_eq!(Problem::read(json!({"title": "Conflict"})).detail.as_deref(), Some("Conflict"));
        assert_eq!(Problem::read(json!("text")).detail, None);
    }
}
