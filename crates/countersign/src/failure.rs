//! A failure of a command: a sentence, what to do, and the exit code. A failure keeps the server's whole answer,
//! so that `--output json` prints it unchanged.

use crate::{
    exit::Exit,
    problem::Problem,
    text::{Text, next_step, refusal},
};
use serde_json::{Value, json};
use std::fmt;

/// A failed command.
#[derive(Debug)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    message: String,
    /// What is wrong in particular, a line each, where the message only sums it up.
    particulars: Vec<String>,
    hint: Option<String>,
    problem: Option<Box<Problem>>,
}

impl Failure {
    /// A failure with this message.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), particulars: Vec::new(), hint: None, problem: None }
    }

    /// The command or what it was given is wrong.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// Something that no other code speaks of.
    pub fn failed(message: impl Into<String>) -> Self {
        Self::new(Exit::Failed, message)
    }

    /// Adds what is wrong in particular, a line each.
    pub fn because(self, particulars: Vec<String>) -> Self {
        Self { particulars, ..self }
    }

    /// Adds what to do.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same failure with another exit code.
    pub fn with_exit(self, exit: Exit) -> Self {
        Self { exit, ..self }
    }

    /// The failure of a use case on the server's own machine, with its cause, which would otherwise only be in the server's log.
    pub fn of_use_case(error: app::Error) -> Self {
        let cause = error.source.as_ref().map(|cause| format!(" ({cause})")).unwrap_or_default();
        let failure = Self::failed(format!("{error}{cause}"));
        match error.next {
            Some(step) => failure.hint(next_step::words(&step)),
            None => failure,
        }
    }

    /// What the server said, as problem+json (RFC 9457).
    pub fn from_problem(status: u16, problem: Value) -> Self {
        let problem = Problem::read(problem);
        let exit = exit_for(status, problem.code.as_deref().unwrap_or_default());
        let message = problem.detail.clone().unwrap_or_else(|| format!("the server answered {status}"));
        Self { exit, message, particulars: Vec::new(), hint: problem.hint(), problem: Some(Box::new(problem)) }
    }

    /// The stable code of the server's refusal, if a server refused.
    pub fn code(&self) -> Option<&str> {
        self.problem.as_ref()?.code.as_deref()
    }

    /// Whether trying again may help: the server did not answer, or said that it cannot now, or not so often.
    pub fn may_pass(&self) -> bool {
        self.exit == Exit::Unreachable || self.code() == Some("rate_limited")
    }

    /// The sentence and what to do, on one line.
    pub fn in_one_line(&self) -> String {
        let text = self.to_string();
        text.trim_start_matches("error: ").lines().map(str::trim).collect::<Vec<_>>().join(" — ")
    }

    /// As an object, in the form of the server's own.
    pub fn to_json(&self) -> Value {
        self.problem.as_ref().map(|problem| problem.whole.clone()).unwrap_or_else(|| {
            json!({
                "type": "urn:countersign:error:client",
                "code": "client",
                "title": self.exit.meaning(),
                "detail": self.message,
                "errors": self.particulars.iter().map(|line| json!({ "message": line })).collect::<Vec<_>>(),
                "hint": self.hint,
            })
        })
    }
}

/// The exit code that a status and code of the API mean.
fn exit_for(status: u16, code: &str) -> Exit {
    match (status, code) {
        (_, "denied_by_policy") => Exit::Denied,
        (_, "not_acknowledged") => Exit::NotAcknowledged,
        (404, _) => Exit::NotFound,
        (401 | 403, _) => Exit::NotPermitted,
        (409 | 412 | 428, _) => Exit::Conflict,
        // 502 and 504 come from a proxy that does not reach the server.
        (502..=504, _) => Exit::Unreachable,
        (400 | 413 | 415 | 422, _) => Exit::Usage,
        _ => Exit::Failed,
    }
}

/// For people, on several lines.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let particulars = self.particulars.iter().map(|line| Text::line(format!("  {line}"))).collect();
        let hint = self.hint.as_ref().map(|hint| Text::line(format!("  hint: {hint}")));
        let problem = self.problem.as_deref();
        let request = problem.and_then(|problem| problem.request.as_ref()).map(|id| Text::line(format!("  request: {id}")));
        let details = problem.map(refusal::details);
        let lines: Text = [Some(Text::line(format!("error: {}", self.message))), Some(particulars), details, hint, request]
            .into_iter()
            .flatten()
            .collect();
        f.write_str(lines.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_answer_of_the_api_has_its_exit_code() {
        for (status, code, exit) in [
            (403, "denied_by_policy", Exit::Denied),
            (409, "not_acknowledged", Exit::NotAcknowledged),
            (404, "not_found", Exit::NotFound),
            (401, "not_signed_in", Exit::NotPermitted),
            (403, "forbidden", Exit::NotPermitted),
            (409, "already_exists", Exit::Conflict),
            (412, "stale", Exit::Conflict),
            (428, "precondition_required", Exit::Conflict),
            (503, "unavailable", Exit::Unreachable),
            (400, "malformed", Exit::Usage),
            (413, "file_too_large", Exit::Usage),
            (415, "malformed", Exit::Usage),
            (422, "invalid", Exit::Usage),
            (429, "rate_limited", Exit::Failed),
            (500, "internal", Exit::Failed),
            (507, "storage_full", Exit::Failed),
        ] {
            assert_eq!(Failure::from_problem(status, json!({"code": code})).exit, exit, "{status} {code}");
        }
    }

    #[test]
    fn an_outage_and_a_rate_limit_may_pass_and_nothing_else() {
        for (status, code, may_pass) in
            [(503, "unavailable", true), (429, "rate_limited", true), (403, "forbidden", false), (500, "internal", false)]
        {
            assert_eq!(Failure::from_problem(status, json!({"code": code})).may_pass(), may_pass, "{status} {code}");
        }
        assert!(!Failure::usage("x").may_pass());
    }

    #[test]
    fn a_problem_is_shown_with_all_that_helps_and_nothing_that_moves_the_cursor() {
        let problem = json!({
            "code": "denied_by_policy", "detail": "the gate\u{1b}[2J denies", "hint": "Ask for the approval.", "request": "r-1", "state": "waiting_for_approval",
            "missing": "the final approval", "who_can": ["Approver", "Deputy"], "link": "http://localhost/x", "errors": [{"pointer": "/shares/0", "message": "no"}],
            "answer": {"reasons": [{"version": "p/m:1", "model_digest": "ab".repeat(32), "lack": "not_approved", "status": "waiting_for_approval",
                "missing": "the final approval", "who_can": ["Approver"], "link": null}]},
        });
        let shown = Failure::from_problem(403, problem).to_string();
        assert_eq!(
            shown,
            "error: the gate[2J denies\n  at /shares/0: no\n  why: p/m:1 is waiting_for_approval; missing: the final approval (who can: Approver)\n  \
             see: http://localhost/x\n  hint: Ask for the approval.\n  request: r-1\n"
        );
    }

    #[test]
    fn a_refusal_says_where_it_stands_and_who_can() {
        let problem = json!({"detail": "no", "state": "rejected", "who_can": ["Manager", "Deputy"], "missing": null});
        assert_eq!(
            Failure::from_problem(409, problem).to_string(),
            "error: no\n  status: rejected\n  who can: Manager, Deputy\n"
        );
    }

    #[test]
    fn json_gives_back_what_the_server_said() {
        let problem = json!({"code": "stale", "detail": "x", "more": [1]});
        assert_eq!(Failure::from_problem(412, problem.clone()).to_json(), problem);
        assert_eq!(Failure::usage("x").hint("y").to_json()["hint"], "y");
    }
}
