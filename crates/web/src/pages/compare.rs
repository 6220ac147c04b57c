//! Two versions of a model side by side.

use super::{
    parts,
    shell::{Shell, Visit, see},
};
use crate::{
    http::{Failure, FromPath, Routes, StrictPath, parameter},
    urls::pages as paths,
};
use app::{
    Error, Page, versions,
    views::{Comparison, Version},
};
use askama::Template;
use axum::{
    extract::{Query, RawPathParams},
    http::StatusCode,
    response::Response,
};
use domain::{Name, VersionRef, signoff::Status};
use std::collections::HashMap;

pub(super) fn routes() -> Routes {
    Routes::new().get(paths::COMPARE, choose).get(paths::COMPARISON, show)
}

/// The most versions to choose from.
const CHOICES: u32 = 200;

#[derive(Template)]
#[template(path = "compare.html")]
struct ComparePage<'a> {
    shell: &'a Shell,
    earlier: Version,
    later: Version,
    comparison: Comparison,
    /// The numbers of versions to choose from, with their statuses in words.
    choices: Vec<(u32, &'static str)>,
}

/// A model, in an address.
pub(super) struct ModelPath {
    pub(super) project: Name,
    pub(super) model: Name,
}

impl FromPath for ModelPath {
    fn from_path(parameters: &RawPathParams) -> Result<Self, Error> {
        Ok(Self { project: parameter(parameters, "project")?, model: parameter(parameters, "model")? })
    }
}

/// Two versions of a model, in an address: `6...7`.
struct PairPath {
    earlier: VersionRef,
    later: VersionRef,
}

impl FromPath for PairPath {
    fn from_path(parameters: &RawPathParams) -> Result<Self, Error> {
        let ModelPath { project, model } = ModelPath::from_path(parameters)?;
        let text: String = parameter(parameters, "versions")?;
        let numbers = text.split_once("...").and_then(|(one, other)| Some((one.parse().ok()?, other.parse().ok()?)));
        let (one, other) = numbers.ok_or_else(|| Error::not_found("comparison", &text))?;
        let version = |number| VersionRef { project: project.clone(), model: model.clone(), number };
        Ok(Self { earlier: version(one), later: version(other) })
    }
}

/// Sends the browser to the two versions that were chosen, or to the two newest ones.
async fn choose(
    Visit { op, shell }: Visit,
    StrictPath(ModelPath { project, model }): StrictPath<ModelPath>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, Failure> {
    let number = |name| query.get(name).and_then(|number| number.parse::<u32>().ok());
    let (with, number) = match (number("with"), number("version")) {
        (Some(with), Some(number)) => (with, number),
        _ => {
            let newest = versions::list(&op, &project, &model, &Page { limit: 2, ..Page::default() }, false).await?;
            match newest.items.as_slice() {
                [later, earlier] => (earlier.name.number, later.name.number),
                _ => return see(&shell.at.model_named(&project, &model)),
            }
        }
    };
    see(&shell.at.comparison(&VersionRef { project, model, number }, &with))
}

async fn show(Visit { op, shell }: Visit, StrictPath(pair): StrictPath<PairPath>) -> Result<Response, Failure> {
    let shell = shell.here("projects");
    let comparison = versions::compare(&op, &pair.later, Some(pair.earlier.number)).await?;
    let earlier = versions::show(&op, &pair.earlier).await?;
    let later = versions::show(&op, &pair.later).await?;
    let page = Page { limit: CHOICES, ..Page::default() };
    let choices = versions::list(&op, &pair.later.project, &pair.later.model, &page, false).await;
    // A reviewer of one version alone may see that version, and no list of them.
    let mut choices: Vec<_> = choices
        .map(|list| list.items)
        .unwrap_or_default()
        .iter()
        .map(|version| (version.name.number, parts::status::words(version.status)))
        .collect();
    for version in [&later, &earlier] {
        if choices.iter().all(|(number, _)| *number != version.name.number) {
            choices.push((version.name.number, parts::status::words(version.governance.status)));
        }
    }
    shell.page(StatusCode::OK, &ComparePage { shell: &shell, earlier, later, comparison, choices })
}

impl ComparePage<'_> {
    fn seal(&self, version: &Version) -> parts::Markup {
        let force = match version.governance.status {
            Status::Approved => parts::Force::Valid,
            Status::Rejected | Status::Revoked | Status::Expired => parts::Force::Ended,
            Status::NotStarted | Status::WaitingForFeedback | Status::WaitingForApproval | Status::Abandoned => {
                parts::Force::None
            }
        };
        parts::seal(version.model_digest.as_bytes(), force, true)
    }

    fn is(&self, number: &u32, version: &Version) -> bool {
        *number == version.name.number
    }
}
