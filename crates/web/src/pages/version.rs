//! The page of a version, the heart of the pages: where it stands, what changed, who said what, and what can be done now. `forms` takes
//! what people send; each answer is 303, or the page again with what was typed.

mod act;
mod acts;
mod download;
mod draft;
mod edit;
mod evidence;
mod forms;
mod governance;
mod history;
mod page;
mod rail;
mod sent;
mod sheet;

use super::shell::Visit;
use crate::{
    auth::Op,
    http::{Failure, FromPath, Routes, StrictPath, StrictQuery, Web, parameter},
    urls::{Urls, pages as paths},
};
use app::Error;
use axum::{
    extract::{FromRequestParts, Query, RawPathParams, Request, State},
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use domain::{StepName, VersionRef};
use draft::Draft;
use evidence::Tab;
use page::answer;
use serde::Deserialize;
use std::collections::HashMap;

pub(super) fn routes() -> Routes {
    let routes = Routes::new().get(paths::VERSION, show).get(paths::VERSION_TAB, tab);
    [forms::routes(), act::routes(), sheet::routes(), edit::routes(), download::routes()].into_iter().fold(routes, Routes::merge)
}

impl FromPath for VersionRef {
    fn from_path(parameters: &RawPathParams) -> Result<Self, Error> {
        let (project, model) = (parameter(parameters, "project")?, parameter(parameters, "model")?);
        Ok(Self { project, model, number: parameter(parameters, "version")? })
    }
}

/// A version and one kind of its evidence.
struct TabPath(VersionRef, Tab);

impl FromPath for TabPath {
    fn from_path(parameters: &RawPathParams) -> Result<Self, Error> {
        let name = parameters.iter().find_map(|(known, value)| (known == "tab").then_some(value)).unwrap_or_default();
        let tab = Tab::of(name).ok_or_else(|| Error::not_found("page", name))?;
        Ok(Self(VersionRef::from_path(parameters)?, tab))
    }
}

async fn show(State(web): State<Web>, StrictPath(name): StrictPath<VersionRef>, request: Request) -> Result<Response, Failure> {
    let (mut parts, _) = request.into_parts();
    if is_program(&parts) {
        Op::from_request_parts(&mut parts, &web).await?;
        let StrictQuery(query) = StrictQuery::from_request_parts(&mut parts, &web).await?;
        return in_the_api(&web, &name, &query);
    }
    let visit = Visit::from_request_parts(&mut parts, &web).await?;
    let query = query(&parts);
    answer(&visit, &name, Tab::Summary, &query, &Draft::default()).await
}

async fn tab(
    visit: Visit,
    StrictPath(TabPath(name, tab)): StrictPath<TabPath>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, Failure> {
    answer(&visit, &name, tab, &query, &Draft::default()).await
}

fn query(parts: &Parts) -> HashMap<String, String> {
    form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()).into_owned().collect()
}

/// A program follows the link with its token.
fn is_program(parts: &Parts) -> bool {
    parts.headers.contains_key(header::AUTHORIZATION)
}

/// What a link to the page may name.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StepQuery {
    /// The step whose sign-off the link is about.
    step: Option<StepName>,
}

/// For a program, the version in the API, or the sign-off of the step that the link names.
fn in_the_api(web: &Web, version: &VersionRef, query: &StepQuery) -> Result<Response, Failure> {
    let address = match &query.step {
        Some(step) => web.urls.sign_off(version, step),
        None => web.urls.version(version),
    };
    let location = HeaderValue::try_from(Urls::on_this_host(&address)).map_err(Error::internal)?;
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response())
}
