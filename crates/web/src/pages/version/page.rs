//! The whole page of a version, with what was typed into a form that comes back.

use super::{
    acts::Act,
    draft::Draft,
    evidence::{Evidence, Tab},
    governance::{self, Governance, Turn},
    history::{self, Line},
    rail::Rail,
};
use crate::{
    http::Failure,
    pages::{
        parts::{self, Force},
        shell::{Shell, Visit},
    },
    urls::pages::At,
};
use app::{
    Error, OpContext, gate,
    live::Subject,
    messages, reviews, versions,
    views::{Because, Comparison, PlaceAnswer, Review, Version},
};
use askama::Template;
use axum::response::Response;
use domain::{SignOffRef, StepName, VersionRef, gate::Verdict, signoff::Status};
use std::collections::HashMap;

/// All that the page shows.
#[derive(Template)]
#[template(path = "version.html")]
struct VersionPage<'a> {
    shell: &'a Shell,
    at: &'a At,
    /// The sign-off that the page shows.
    on: &'a SignOffRef,
    version: &'a Version,
    review: &'a Review,
    force: Force,
    turn: Option<Turn>,
    governance: Governance,
    rail: Rail,
    tab: Tab,
    evidence: Evidence,
    /// What differs from the version that this one would replace, on the summary.
    comparison: Option<Comparison>,
    history: Vec<Line>,
    /// What each gate would say, once the version can be deployed.
    places: Vec<PlaceAnswer>,
    /// Whether who looks may change the fields now.
    may_edit: bool,
    /// Whether who looks subscribes to this version.
    subscribed: bool,
    draft: &'a Draft,
}

/// The page, with what was typed.
pub(super) async fn answer(
    Visit { op, shell }: &Visit,
    name: &VersionRef,
    tab: Tab,
    query: &HashMap<String, String>,
    draft: &Draft,
) -> Result<Response, Failure> {
    let shell = shell.clone().here("projects").about(&Subject::Version(name.clone()));
    let version = versions::show(op, name).await?;
    let round = query.get("round").and_then(|round| round.parse().ok());
    let step = query.get("step").map(|step| step.parse::<StepName>()).transpose();
    let step = step.map_err(|error| Error::invalid("step", format!("{error}")))?;
    let on = SignOffRef { version: name.clone(), step };
    let review = reviews::show(op, &on, round).await?;
    let evidence = Evidence::load(op, &version, tab).await?;
    let comparison = if tab.is_summary() { Some(compared(op, name, query).await?) } else { None };
    let history = if tab == Tab::History { history::load(op, name).await? } else { Vec::new() };
    let offers = ["deployment", "production"].contains(&version.governance.step.as_str());
    let places = if offers && tab.is_summary() { gate::everywhere(op, name).await? } else { Vec::new() };
    let may_edit = versions::fields::check(op, name).await.is_ok();
    let subscribed = messages::subscribes(op, &name.to_string()).await?;
    let page = VersionPage {
        may_edit,
        subscribed,
        at: &shell.at,
        force: force(&review),
        turn: governance::turn(&version, &review, &shell),
        governance: Governance::of(&version, &review),
        rail: Rail::of(&review, reviews::needs_password(op)),
        tab,
        evidence,
        comparison,
        history,
        places,
        draft,
        on: &on,
        shell: &shell,
        version: &version,
        review: &review,
    };
    shell.page(draft.status(), &page)
}

/// The comparison with the version that the reader asks for, else with the one that this version would replace.
async fn compared(op: &OpContext, name: &VersionRef, query: &HashMap<String, String>) -> Result<Comparison, Error> {
    if let Some(with) = query.get("with").and_then(|with| with.parse().ok())
        && let Ok(comparison) = versions::compare(op, name, Some(with)).await
    {
        return Ok(comparison);
    }
    versions::compare(op, name, None).await
}

pub(super) fn force(review: &Review) -> Force {
    match review.status {
        Status::Approved => Force::Valid,
        Status::Rejected | Status::Revoked | Status::Expired | Status::Abandoned => Force::Ended,
        Status::NotStarted | Status::WaitingForFeedback | Status::WaitingForApproval => Force::None,
    }
}

impl VersionPage<'_> {
    fn title(&self) -> String {
        let status = parts::status::words(self.version.governance.status).to_lowercase();
        let error = if self.draft.problem.is_empty() { "" } else { "Error: " };
        format!("{error}{} v{}: {status}", self.version.name.model, self.version.name.number)
    }

    /// Whether the round that is shown has ended, so that there is a sheet of it.
    fn is_decided(&self) -> bool {
        !self.review.status.is_open() && self.review.status != Status::NotStarted
    }

    /// Whether the summary shows the version beside another one, instead of by itself.
    fn is_compared(&self) -> bool {
        self.comparison.as_ref().is_some_and(|comparison| comparison.with.is_some())
    }

    fn notes_differ(&self) -> bool {
        self.comparison.as_ref().is_some_and(|comparison| comparison.notes.is_some())
    }

    /// Whether the page shows this kind of evidence of the version by itself.
    fn shows(&self, kind: &str) -> bool {
        self.tab.shows(kind) && !self.is_compared()
    }

    /// What else who looks may do to the review.
    fn acts(&self) -> Vec<Act> {
        if self.review.round != self.review.rounds {
            return Vec::new();
        }
        // A person who may decide abandons by the form of the decision.
        let in_the_form = |act: &Act| *act == Act::Abandon && (self.may("approve") || self.may("reject"));
        Act::ALL.into_iter().filter(|act| self.may(act.command().as_str()) && !in_the_form(act)).collect()
    }

    /// The version's other sign-offs: the step, and its page.
    fn other_sign_offs(&self) -> Vec<(&str, String)> {
        let steps = self.version.governance.steps.iter().filter(|step| step.sign_off_status.is_some());
        let others = steps.filter_map(|step| Some((step.name.as_str(), step.name.parse::<StepName>().ok()?)));
        let others = others.filter(|(_, step)| *step != self.review.step);
        let page = |step| self.at.sign_off(&SignOffRef { version: self.version.name.clone(), step: Some(step) });
        others.map(|(name, step)| (name, page(step))).collect()
    }

    /// Whether the server would carry out this command of who looks.
    fn may(&self, command: &str) -> bool {
        self.review.may.iter().any(|possible| possible.command == command && possible.allowed)
    }

    /// Whether a field changed while the review was open: `notes`, `metrics.auc`.
    fn changed_now(&self, field: &str) -> bool {
        self.review.changed_since_request.iter().any(|changed| changed == field)
    }

    /// The mark at a figure that changed while the review was open.
    fn changed_note(&self, family: &str, name: &str) -> parts::Markup {
        match self.changed_now(&format!("{family}.{name}")) {
            true => parts::Markup(format!(r#"<span class="sub">{} changed in this review</span>"#, parts::icon("stale"))),
            false => parts::Markup::default(),
        }
    }

    /// Why the server would not.
    fn barred(&self, command: &str) -> &str {
        let possible = self.review.may.iter().find(|possible| possible.command == command && !possible.allowed);
        possible.and_then(|possible| possible.reason.as_deref()).unwrap_or_default()
    }
}
