//! What was typed into a form of the version's page, kept where the form comes back.

use crate::http::{Failure, Form};
use app::error::Code;
use axum::http::StatusCode;

/// A form that was sent and not carried out. No password is kept.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    status: Option<StatusCode>,
    /// Which form: `decision`, `request`, or the name of a slot.
    pub(super) form: String,
    pub(super) choice: String,
    pub(super) comment: String,
    pub(super) valid_for: String,
    pub(super) skip_feedback: bool,
    /// What was wrong, as a sentence.
    pub(super) problem: String,
    /// Whether the state changed meanwhile.
    pub(super) changed: bool,
    /// Whether the password was wrong or missing.
    pub(super) password_problem: bool,
}

impl Draft {
    /// What this form had in it.
    pub(super) fn of(name: impl Into<String>, choice: &str, form: &Form) -> Self {
        Self {
            form: name.into(),
            choice: form.get(choice).to_owned(),
            comment: form.get("comment").replace("\r\n", "\n"),
            valid_for: form.get("valid_for").to_owned(),
            skip_feedback: !form.get("skip_feedback").is_empty(),
            ..Self::default()
        }
    }

    /// The same, with what is wrong.
    pub(super) fn wrong(self, status: StatusCode, problem: impl Into<String>) -> Self {
        Self { status: Some(status), problem: problem.into(), ..self }
    }

    /// The same, where the server refused it.
    pub(super) fn refused(self, failure: &Failure, problem: String) -> Self {
        let code = failure.error.code;
        let changed = matches!(failure.status, StatusCode::PRECONDITION_FAILED | StatusCode::CONFLICT);
        let password_problem = matches!(code, Code::SignInFailed | Code::ReauthenticationRequired);
        // A page in answer to a form: 401 would be about the session.
        let status = if failure.status == StatusCode::UNAUTHORIZED { StatusCode::UNPROCESSABLE_ENTITY } else { failure.status };
        Self { changed, password_problem, ..self.wrong(status, problem) }
    }

    pub(super) fn status(&self) -> StatusCode {
        self.status.unwrap_or(StatusCode::OK)
    }

    /// Whether this choice of this form was made.
    pub(super) fn chose(&self, form: &str, choice: &str) -> bool {
        self.form == form && self.choice == choice
    }

    /// The comment that was typed into this form.
    pub(super) fn comment_in(&self, form: &str) -> &str {
        if self.form == form { &self.comment } else { "" }
    }
}
