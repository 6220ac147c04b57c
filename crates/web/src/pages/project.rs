//! The projects, and the page of one: its models with their newest versions, its reviewers, members and rules. An administrator creates a
//! project; a contributor registers a model.

mod draft;

use super::{
    parts,
    shell::{Shell, Visit, see, see_saying},
};
use crate::{
    auth::SentForm,
    http::{Failure, FromPath, Routes, StrictPath, Web, parameter},
    urls::pages as paths,
};
use app::{
    Error, OpContext, Page,
    error::Kind,
    messages,
    projects::{self, models, models_table, overview},
    views::{
        AuditEvent, CreateModelRequest, CreateProjectRequest, ModelRow, ModelsPage, ModelsQuery, ProjectOverview, ProjectSummary,
        StatusGroup,
    },
};
use askama::Template;
use axum::{
    extract::{Query, RawPathParams, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use domain::{Name, VersionRef};
use draft::Draft;
use std::collections::HashMap;

pub(super) fn routes() -> Routes {
    Routes::new()
        .get(paths::PROJECTS, list)
        .post(paths::PROJECTS, create)
        .get(paths::PROJECT, show)
        .get(paths::MODELS, to_project)
        .post(paths::MODELS, register_model)
}

type Parameters = HashMap<String, String>;

#[derive(Template)]
#[template(path = "projects.html")]
struct ProjectsPage<'a> {
    shell: &'a Shell,
    items: Vec<ProjectSummary>,
    /// Whether this is a later page of the list.
    later: bool,
    next: Option<String>,
    may_create: bool,
    draft: Draft,
}

#[derive(Template)]
#[template(path = "project.html")]
struct ProjectPage<'a> {
    shell: &'a Shell,
    project: ProjectOverview,
    /// Whether who looks subscribes to it.
    subscribed: bool,
    models: ModelsPage,
    statuses: Vec<(&'static str, &'static str)>,
    status: String,
    sort: String,
    q: String,
    after: usize,
    draft: Draft,
}

pub(super) struct ProjectPath(pub(super) Name);

impl FromPath for ProjectPath {
    fn from_path(parameters: &RawPathParams) -> Result<Self, Error> {
        Ok(Self(parameter(parameters, "project")?))
    }
}

async fn list(Visit { op, shell }: Visit, Query(query): Query<Parameters>) -> Result<Response, Failure> {
    let after = query.get("after").cloned().unwrap_or_default();
    list_page(&op, shell, after, Draft::default()).await
}

async fn create(State(web): State<Web>, headers: HeaderMap, SentForm { op, form }: SentForm) -> Result<Response, Failure> {
    let shell = Shell::of(&op, &web, &headers).await?;
    let draft = Draft::sent(&form);
    match create_project(&op, &draft).await {
        Ok(made) => see_saying(&web, &shell.at.project(&made.name), &format!("You created {}. Say who reviews it.", made.name)),
        Err(error) if is_of_the_form(&error) => list_page(&op, shell, String::new(), draft.refused(&error)).await,
        Err(error) => Err(error.into()),
    }
}

async fn create_project(op: &OpContext, draft: &Draft) -> Result<app::views::Project, Error> {
    projects::create(op, CreateProjectRequest { name: draft.name()?, display_name: draft.display_name()? }).await
}

async fn create_model(op: &OpContext, project: &Name, draft: &Draft) -> Result<app::views::Model, Error> {
    models::create(op, project, CreateModelRequest { name: draft.name()?, display_name: draft.display_name()? }).await
}

async fn list_page(op: &OpContext, shell: Shell, after: String, draft: Draft) -> Result<Response, Failure> {
    let shell = shell.here("projects");
    let later = !after.is_empty();
    let list = overview::list(op, Page { after, limit: 50 }).await?;
    let (status, may_create) = (status(&draft), overview::may_create(op));
    shell.page(status, &ProjectsPage { shell: &shell, items: list.items, later, next: list.next, may_create, draft })
}

async fn show(
    Visit { op, shell }: Visit,
    StrictPath(ProjectPath(name)): StrictPath<ProjectPath>,
    Query(query): Query<Parameters>,
) -> Result<Response, Failure> {
    page(&op, shell, &name, &query, Draft::default()).await
}

/// The page that a refused form left in the address bar.
async fn to_project(
    Visit { shell, .. }: Visit,
    StrictPath(ProjectPath(name)): StrictPath<ProjectPath>,
) -> Result<Response, Failure> {
    see(&shell.at.project(&name))
}

async fn register_model(
    State(web): State<Web>,
    StrictPath(ProjectPath(project)): StrictPath<ProjectPath>,
    headers: HeaderMap,
    SentForm { op, form }: SentForm,
) -> Result<Response, Failure> {
    let shell = Shell::of(&op, &web, &headers).await?;
    let draft = Draft::sent(&form);
    let made = create_model(&op, &project, &draft).await;
    match made {
        Ok(made) => {
            let says = format!("You registered {}. Register its first version.", made.name);
            see_saying(&web, &shell.at.model_named(&project, &made.name), &says)
        }
        Err(error) if is_of_the_form(&error) => page(&op, shell, &project, &HashMap::new(), draft.refused(&error)).await,
        Err(error) => Err(error.into()),
    }
}

async fn page(op: &OpContext, shell: Shell, name: &Name, query: &Parameters, draft: Draft) -> Result<Response, Failure> {
    let shell = shell.here("projects");
    let text = |name: &str| query.get(name).map(|text| text.trim().to_owned()).unwrap_or_default();
    let (q, status_asked, sort) = (text("q"), text("status"), text("sort"));
    let after = text("after").parse().unwrap_or_default();
    let wanted = ModelsQuery { text: q.clone(), status: StatusGroup::of(&status_asked), sort: sort.clone(), after };
    let project = overview::show(op, name).await?;
    let models = models_table::table(op, name, &wanted).await?;
    let statuses = StatusGroup::ALL.iter().map(|group| (group.as_str(), group.words())).collect();
    let subscribed = messages::subscribes(op, name.as_str()).await?;
    let answer = status(&draft);
    shell.page(
        answer,
        &ProjectPage { shell: &shell, project, subscribed, models, statuses, status: status_asked, sort, q, after, draft },
    )
}

fn status(draft: &Draft) -> StatusCode {
    if draft.problem.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY }
}

/// Whether the form can show what is wrong beside what was typed.
fn is_of_the_form(error: &Error) -> bool {
    matches!(error.kind(), Kind::Invalid | Kind::Conflict) && !error.fields.is_empty()
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
    fn about(&self, event: &AuditEvent) -> Option<VersionRef> {
        event.about.as_deref()?.parse().ok()
    }

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
