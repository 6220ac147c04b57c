//! The projects, and the page of one: its models with their newest versions, its reviewers, members and rules.

use super::{
    parts,
    shell::{Shell, Visit},
};
use crate::{
    http::{Failure, FromPath, Routes, StrictPath, parameter},
    urls::pages as paths,
};
use app::{
    Error, Page,
    projects::{models_table, overview},
    views::{ModelRow, ModelsPage, ModelsQuery, ProjectOverview, ProjectSummary, StatusGroup},
};
use askama::Template;
use axum::{
    extract::{Query, RawPathParams},
    http::StatusCode,
    response::Response,
};
use domain::{Name, VersionRef};
use std::collections::HashMap;

pub(super) fn routes() -> Routes {
    Routes::new().get(paths::PROJECTS, list).get(paths::PROJECT, show)
}

#[derive(Template)]
#[template(path = "projects.html")]
struct ProjectsPage<'a> {
    shell: &'a Shell,
    items: Vec<ProjectSummary>,
    /// Whether this is a later page of the list.
    later: bool,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "project.html")]
struct ProjectPage<'a> {
    shell: &'a Shell,
    project: ProjectOverview,
    models: ModelsPage,
    statuses: Vec<(&'static str, &'static str)>,
    status: String,
    sort: String,
    q: String,
    after: usize,
}

pub(super) struct ProjectPath(pub(super) Name);

impl FromPath for ProjectPath {
    fn from_path(parameters: &RawPathParams) -> Result<Self, Error> {
        Ok(Self(parameter(parameters, "project")?))
    }
}

async fn list(Visit { op, shell }: Visit, Query(query): Query<HashMap<String, String>>) -> Result<Response, Failure> {
    let shell = shell.here("projects");
    let after = query.get("after").cloned().unwrap_or_default();
    let later = !after.is_empty();
    let list = overview::list(&op, Page { after, limit: 50 }).await?;
    shell.page(StatusCode::OK, &ProjectsPage { shell: &shell, items: list.items, later, next: list.next })
}

async fn show(
    Visit { op, shell }: Visit,
    StrictPath(ProjectPath(name)): StrictPath<ProjectPath>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, Failure> {
    let shell = shell.here("projects");
    let text = |name: &str| query.get(name).map(|text| text.trim().to_owned()).unwrap_or_default();
    let (q, status, sort) = (text("q"), text("status"), text("sort"));
    let after = text("after").parse().unwrap_or_default();
    let wanted = ModelsQuery { text: q.clone(), status: StatusGroup::of(&status), sort: sort.clone(), after };
    let project = overview::show(&op, &name).await?;
    let models = models_table::table(&op, &name, &wanted).await?;
    let statuses = StatusGroup::ALL.iter().map(|group| (group.as_str(), group.words())).collect();
    shell.page(StatusCode::OK, &ProjectPage { shell: &shell, project, models, statuses, status, sort, q, after })
}

/// An address with these parameters, those left out that are empty.
pub(super) fn with_query(address: &str, parameters: &[(&str, &str)]) -> String {
    let some = parameters.iter().filter(|(_, value)| !value.is_empty());
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(some).finish();
    if query.is_empty() { address.to_owned() } else { format!("{address}?{query}") }
}

/// The head of a column that can be sorted: a link to the other order, and an arrow at the present one.
pub(super) fn sorted_head(address: impl Fn(&str) -> String, present: &str, by: &str, words: &str, class: &str) -> parts::Markup {
    let down = format!("-{by}");
    let (next, order, arrow) = match present {
        _ if present == by => (down.as_str(), r#" aria-sort="ascending""#, "up"),
        _ if present == down => (by, r#" aria-sort="descending""#, "down"),
        _ => (down.as_str(), "", "sort"),
    };
    let (address, words, icon) = (parts::escaped(&address(next)), parts::escaped(words), parts::icon(arrow));
    parts::Markup(format!(
        r#"<th scope="col" role="columnheader" class="{class}"{order}><a href="{address}">{words} {icon}</a></th>"#
    ))
}

impl ProjectPage<'_> {
    fn is_chosen(&self, status: &str) -> bool {
        self.status == status
    }

    fn head(&self, by: &str, words: &str, class: &str) -> parts::Markup {
        let address = self.shell.at.project(&self.project.project.name);
        let present = if self.sort.is_empty() { "name" } else { &self.sort };
        let with = |sort: &str| with_query(&address, &[("q", &self.q), ("status", &self.status), ("sort", sort)]);
        sorted_head(with, present, by, words, class)
    }

    fn first_page(&self) -> String {
        let address = self.shell.at.project(&self.project.project.name);
        with_query(&address, &[("q", &self.q), ("status", &self.status), ("sort", &self.sort)])
    }

    fn page_from(&self, after: &usize) -> String {
        let address = self.shell.at.project(&self.project.project.name);
        with_query(&address, &[("q", &self.q), ("status", &self.status), ("sort", &self.sort), ("after", &after.to_string())])
    }

    fn version(&self, model: &Name, number: &u32) -> String {
        let (project, model) = (self.project.project.name.clone(), model.clone());
        self.shell.at.version(&VersionRef { project, model, number: *number })
    }

    /// The open versions that are not the newest one, three at most.
    fn waiting(&self, row: &ModelRow) -> Vec<u32> {
        let newest = row.newest.as_ref().map(|newest| newest.number);
        row.open.iter().copied().filter(|number| Some(*number) != newest).take(3).collect()
    }

    fn yes(&self, rule: &bool) -> &'static str {
        if *rule { "yes" } else { "no" }
    }
}
