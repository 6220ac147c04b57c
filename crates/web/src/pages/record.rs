//! The record: everything that happened, filtered, each event with what changed. A manager reads the project's part.

mod event;
mod export;
mod filters;

use super::{
    failures::sentence,
    parts,
    project::{ProjectPath, with_query},
    shell::{Shell, Visit},
};
use crate::{
    http::{Failure, Routes, StrictPath},
    urls::pages as paths,
};
use app::{
    OpContext,
    projects::overview,
    record,
    views::{EventGroup, ProjectOverview, RecordPage, RecordQuery},
};
use askama::Template;
use axum::{extract::Query, http::StatusCode, response::Response};
use filters::{Filters, unknown};
use std::collections::HashMap;

pub(super) fn routes() -> Routes {
    Routes::new().get(paths::RECORD, show).get(paths::PROJECT_RECORD, of_project).merge(event::routes()).merge(export::routes())
}

#[derive(Template)]
#[template(path = "record.html")]
struct RecordTemplate<'a> {
    shell: &'a Shell,
    /// The project whose part is shown.
    project: Option<ProjectOverview>,
    page: RecordPage,
    problem: String,
    filters: Filters,
    unknown: String,
}

async fn show(Visit { op, shell }: Visit, Query(query): Query<HashMap<String, String>>) -> Result<Response, Failure> {
    page(&op, shell.here("record"), None, &query).await
}

async fn of_project(
    Visit { op, shell }: Visit,
    StrictPath(ProjectPath(name)): StrictPath<ProjectPath>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, Failure> {
    let project = overview::show(&op, &name).await?;
    page(&op, shell.here("projects"), Some(project), &query).await
}

async fn page(
    op: &OpContext,
    shell: Shell,
    project: Option<ProjectOverview>,
    query: &HashMap<String, String>,
) -> Result<Response, Failure> {
    let filters = Filters::of(query);
    let name = project.as_ref().map(|project| &project.project.name);
    let (page, problem) = match filters.wanted(name) {
        Ok(wanted) => (record::search(op, &wanted).await?, None),
        Err(problem) => {
            // Only somebody who may read the record is told what is wrong with a filter.
            record::search(op, &RecordQuery { project: name.cloned(), ..RecordQuery::default() }).await?;
            (RecordPage::default(), Some(problem))
        }
    };
    let problem = problem.or_else(|| page.problem.clone()).map(|problem| sentence(&problem)).unwrap_or_default();
    let template = RecordTemplate { shell: &shell, project, page, problem, filters, unknown: unknown(query) };
    shell.page(StatusCode::OK, &template)
}

impl RecordTemplate<'_> {
    fn address(&self) -> String {
        self.at("")
    }

    /// The address of the list, or of an export of the list.
    fn at(&self, ending: &str) -> String {
        let path = match &self.project {
            Some(project) => self.shell.at.project_record(&project.project.name),
            None => self.shell.at.record(),
        };
        format!("{path}{ending}")
    }

    /// An export with the filters of this page.
    fn export(&self, ending: &str) -> String {
        with_query(&self.at(ending), &self.filters.pairs())
    }

    fn beside(&self, name: &str, position: &u64) -> String {
        let position = position.to_string();
        let pairs: Vec<_> = self.filters.pairs().into_iter().chain([(name, position.as_str())]).collect();
        with_query(&self.address(), &pairs)
    }

    fn is_filtered(&self) -> bool {
        self.filters.pairs().iter().any(|(_, value)| !value.is_empty())
    }

    fn groups(&self) -> [EventGroup; 7] {
        EventGroup::ALL
    }
}
