//! What was typed into a form of an infrastructure's page, kept where the form comes back.

use crate::http::Form;
use app::views::PolicyPreviewRequest;
use axum::http::StatusCode;

/// A form that was sent and not carried out.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    status: Option<StatusCode>,
    /// Which form: `policy`, `accepts`, `member`.
    pub(super) form: String,
    policy: String,
    on_lapse: String,
    pub(super) projects: String,
    pub(super) independent: bool,
    pub(super) reason: String,
    pub(super) member: String,
    pub(super) role: String,
    /// What was wrong, as a sentence.
    pub(super) problem: String,
    /// Whether the state changed meanwhile.
    pub(super) changed: bool,
}

impl Draft {
    pub(super) fn of(name: &str, form: &Form) -> Self {
        let text = |name: &str| form.get(name).trim().to_owned();
        Self {
            form: name.to_owned(),
            policy: text("policy"),
            on_lapse: text("on_lapse"),
            projects: text("projects"),
            independent: !form.get("independent").is_empty(),
            reason: form.get("reason").replace("\r\n", "\n"),
            member: text("member"),
            role: text("role"),
            ..Self::default()
        }
    }

    pub(super) fn wrong(self, status: StatusCode, problem: String) -> Self {
        let changed = matches!(status, StatusCode::CONFLICT | StatusCode::PRECONDITION_FAILED);
        Self { status: Some(status), problem, changed, ..self }
    }

    pub(super) fn status(&self) -> StatusCode {
        self.status.unwrap_or(StatusCode::OK)
    }

    fn is(&self, form: &str) -> bool {
        self.form == form
    }

    pub(super) fn policy_or<'a>(&'a self, now: &'a str) -> &'a str {
        if self.is("policy") && !self.policy.is_empty() { &self.policy } else { now }
    }

    pub(super) fn on_lapse_or<'a>(&'a self, now: &'a str) -> &'a str {
        if self.is("policy") && !self.on_lapse.is_empty() { &self.on_lapse } else { now }
    }

    /// The reason that was typed into this form.
    pub(super) fn reason_in(&self, form: &str) -> &str {
        if self.is(form) { &self.reason } else { "" }
    }

    /// The projects in their field.
    pub(super) fn projects_or<'a>(&'a self, now: &'a str) -> &'a str {
        if self.is("accepts") { &self.projects } else { now }
    }

    pub(super) fn independent_or(&self, now: &bool) -> bool {
        if self.is("accepts") { self.independent } else { *now }
    }

    /// The settings that were chosen, where they can be read.
    pub(super) fn tried(&self) -> Option<PolicyPreviewRequest> {
        if !self.is("policy") {
            return None;
        }
        let (policy, on_lapse) = (self.policy.parse().ok()?, self.on_lapse.parse().ok());
        Some(PolicyPreviewRequest { policy, on_lapse, projects: None, independent_approval: None })
    }
}
