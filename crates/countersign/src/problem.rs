//! A server's refusal (RFC 9457), read part by part: a part that is missing, or that this program cannot read,
//! does not hide the other parts.

use crate::client::read;
use domain::gate::Reason;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

/// A server's refusal.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// The stable code.
    pub code: Option<String>,
    /// What is wrong, as a sentence.
    pub detail: Option<String>,
    /// What to do about it.
    pub hint: Option<String>,
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
}

fn part<T: DeserializeOwned>(value: &Value) -> Option<T> {
    read(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

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
