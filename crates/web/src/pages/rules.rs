//! The rules of a project, with a form in which a manager changes them and says why.

use super::{
    buttons::mendable,
    members::stranded,
    parts,
    project::ProjectPath,
    shell::{Shell, Visit, see_saying},
};
use crate::{
    auth::SentForm,
    http::{Failure, Form, Routes, StrictPath, Web},
    urls::pages as paths,
};
use app::{
    Error,
    projects::{overview, rules},
    views::{ChangeProjectRequest, ProjectOverview},
};
use askama::Template;
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use domain::{
    Duration,
    comparison::{Direction, MetricDirections},
    time::TimeError,
    work_days::WorkDays,
};
use std::collections::BTreeMap;

pub(super) fn routes() -> Routes {
    Routes::new().get(paths::RULES, show).post(paths::RULES, change)
}

#[derive(Template)]
#[template(path = "rules.html")]
struct RulesPage<'a> {
    shell: &'a Shell,
    project: ProjectOverview,
    rules: Typed,
    tag: String,
    problem: String,
}

/// The rules as they stand in the form.
struct Typed {
    author: bool,
    requester: bool,
    delegation: bool,
    valid_for: String,
    renew_before: String,
    keeps: bool,
    /// Work days, or nothing.
    feedback_due: String,
    approval_due: String,
    /// The names of metrics, one in a line, whose higher or lower values are good, and of those that nobody can judge.
    higher: String,
    lower: String,
    unjudged: String,
    reason: String,
}

impl Typed {
    fn of_project(project: &ProjectOverview) -> Self {
        let rules = &project.project.rules;
        Self {
            author: rules.author_may_approve,
            requester: rules.requester_may_approve,
            delegation: rules.delegation_allowed,
            valid_for: rules.approval_valid_for.map(|length| length.to_string()).unwrap_or_default(),
            renew_before: rules.renew_before.map(|length| length.to_string()).unwrap_or_default(),
            keeps: rules.renewal_keeps_reviewers,
            feedback_due: rules.feedback_due_after.map(|days| days.to_string()).unwrap_or_default(),
            approval_due: rules.approval_due_after.map(|days| days.to_string()).unwrap_or_default(),
            higher: named(&rules.metrics, Direction::Higher),
            lower: named(&rules.metrics, Direction::Lower),
            unjudged: named(&rules.metrics, Direction::Unknown),
            reason: String::new(),
        }
    }

    fn sent(form: &Form) -> Self {
        let is_on = |name: &str| !form.get(name).is_empty();
        Self {
            author: is_on("author"),
            requester: is_on("requester"),
            delegation: is_on("delegation"),
            valid_for: form.get("valid_for").to_owned(),
            renew_before: form.get("renew_before").to_owned(),
            keeps: is_on("keeps"),
            feedback_due: form.get("feedback_due").to_owned(),
            approval_due: form.get("approval_due").to_owned(),
            higher: form.get("higher").replace("\r\n", "\n"),
            lower: form.get("lower").replace("\r\n", "\n"),
            unjudged: form.get("unjudged").replace("\r\n", "\n"),
            reason: form.get("reason").replace("\r\n", "\n"),
        }
    }

    fn metrics(&self) -> Result<BTreeMap<String, Direction>, Error> {
        let mut metrics = BTreeMap::new();
        let lists = [(&self.higher, Direction::Higher), (&self.lower, Direction::Lower), (&self.unjudged, Direction::Unknown)];
        for (list, direction) in lists {
            for name in list.lines().map(str::trim).filter(|name| !name.is_empty()) {
                if metrics.insert(name.to_owned(), direction).is_some_and(|before| before != direction) {
                    return Err(Error::invalid(
                        "metrics",
                        format!("the metric `{name}` stands in two lists: it can stand in one"),
                    ));
                }
            }
        }
        Ok(metrics)
    }

    fn request(&self) -> Result<ChangeProjectRequest, Error> {
        Ok(ChangeProjectRequest {
            author_may_approve: Some(self.author),
            requester_may_approve: Some(self.requester),
            delegation_allowed: Some(self.delegation),
            approval_valid_for: Some(duration("valid_for", &self.valid_for)?),
            renew_before: Some(duration("renew_before", &self.renew_before)?),
            renewal_keeps_reviewers: Some(self.keeps),
            feedback_due_after: Some(work_days("feedback_due", &self.feedback_due)?),
            approval_due_after: Some(work_days("approval_due", &self.approval_due)?),
            metrics: Some(self.metrics()?),
            reason: Some(self.reason.trim().to_owned()).filter(|reason| !reason.is_empty()),
        })
    }
}

/// A length of time as typed; none for nothing.
fn duration(field: &str, text: &str) -> Result<Option<Duration>, Error> {
    match text.trim() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|error: TimeError| Error::invalid(field, error.to_string())),
    }
}

/// A number of work days as typed; none for nothing.
fn work_days(field: &str, text: &str) -> Result<Option<WorkDays>, Error> {
    match text.trim() {
        "" => Ok(None),
        days => days.parse().map(Some).map_err(|error: String| Error::invalid(field, error)),
    }
}

/// The metrics of a direction, one in a line.
fn named(metrics: &MetricDirections, wanted: Direction) -> String {
    metrics.iter().filter(|(_, direction)| *direction == wanted).map(|(name, _)| name).collect::<Vec<_>>().join("\n")
}

async fn show(Visit { op, shell }: Visit, StrictPath(ProjectPath(name)): StrictPath<ProjectPath>) -> Result<Response, Failure> {
    let project = overview::show(&op, &name).await?;
    let rules = Typed::of_project(&project);
    page(shell, StatusCode::OK, project, rules, String::new())
}

async fn change(
    State(web): State<Web>,
    StrictPath(ProjectPath(name)): StrictPath<ProjectPath>,
    headers: HeaderMap,
    SentForm { op, form }: SentForm,
) -> Result<Response, Failure> {
    let shell = Shell::of(&op, &web, &headers).await?;
    let typed = Typed::sent(&form);
    if form.get("go") != "save" {
        let project = overview::show(&op, &name).await?;
        return page(shell, StatusCode::OK, project, typed, String::new());
    }
    let made = match typed.request() {
        Ok(request) => rules::change(&op, &name, request, Some(form.get("tag"))).await,
        Err(error) => Err(error),
    };
    let error = match made {
        Ok(after) => {
            let says = format!("The rules are saved. They count from now on.{}", stranded(&after.without_approver));
            return see_saying(&web, &shell.at.rules(&name), &says);
        }
        Err(error) => error,
    };
    let (status, problem) = mendable(error)?;
    let project = overview::show(&op, &name).await?;
    page(shell, status, project, typed, problem)
}

fn page(shell: Shell, status: StatusCode, project: ProjectOverview, rules: Typed, problem: String) -> Result<Response, Failure> {
    let shell = shell.here("projects");
    let tag = project.project.etag().to_string();
    shell.page(status, &RulesPage { shell: &shell, project, rules, tag, problem })
}
