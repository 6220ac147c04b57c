//! The page of a version: where it stands, who said what, and what can be done now.

use super::{
    parts,
    shell::{Shell, Visit},
};
use crate::{
    auth::Op,
    http::{Failure, FromPath, Routes, StrictPath, StrictQuery, Web, parameter},
    urls::{Urls, pages as paths},
};
use app::{Error, versions, views::Version};
use askama::Template;
use axum::{
    extract::{FromRequestParts, RawPathParams, Request, State},
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use domain::{StepName, VersionRef};
use serde::Deserialize;

pub(super) fn routes() -> Routes {
    Routes::new().get(paths::VERSION, show)
}

#[derive(Template)]
#[template(path = "version.html")]
struct VersionPage<'a> {
    shell: &'a Shell,
    version: Version,
}

impl FromPath for VersionRef {
    fn from_path(parameters: &RawPathParams) -> Result<Self, Error> {
        let (project, model) = (parameter(parameters, "project")?, parameter(parameters, "model")?);
        Ok(Self { project, model, number: parameter(parameters, "version")? })
    }
}

async fn show(State(web): State<Web>, StrictPath(name): StrictPath<VersionRef>, request: Request) -> Result<Response, Failure> {
    let (mut parts, _) = request.into_parts();
    if is_program(&parts) {
        Op::from_request_parts(&mut parts, &web).await?;
        let StrictQuery(query) = StrictQuery::from_request_parts(&mut parts, &web).await?;
        return in_the_api(&web, &name, &query);
    }
    let Visit { op, shell } = Visit::from_request_parts(&mut parts, &web).await?;
    let shell = shell.here("projects");
    let version = versions::show(&op, &name).await?;
    shell.page(StatusCode::OK, &VersionPage { shell: &shell, version })
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
