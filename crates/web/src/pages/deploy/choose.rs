//! Where a deployer chooses version and service, before the form with the weights.

use crate::{
    http::{Failure, Routes, StrictPath},
    pages::{
        infrastructure::page::InfrastructurePath,
        parts,
        service::sent::ServicePath,
        shell::{Shell, Visit, see},
    },
    urls::pages as paths,
};
use app::{Error, OpContext, deployments::in_service, infrastructures::overview, views::InfrastructureOverview};
use askama::Template;
use axum::{extract::Query, http::StatusCode, response::Response};
use domain::{Name, VersionRef};
use std::collections::HashMap;

pub(super) fn routes() -> Routes {
    Routes::new().get(paths::DEPLOY_TO, show)
}

#[derive(Template)]
#[template(path = "deploy/choose.html")]
struct ChoosePage<'a> {
    shell: &'a Shell,
    name: &'a Name,
    place: InfrastructureOverview,
    /// Services that exist already, each with the model that it serves; the first of them, where they are many.
    services: Vec<(Name, String)>,
    service: &'a str,
    version: &'a str,
    problem: &'a str,
}

async fn show(
    Visit { op, shell }: Visit,
    StrictPath(InfrastructurePath(name)): StrictPath<InfrastructurePath>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, Failure> {
    let text = |name: &str| query.get(name).map(|text| text.trim().to_owned()).unwrap_or_default();
    let (service, version, chosen) = (text("service"), text("version"), text("go") == "next");
    if !chosen {
        return page(&op, shell, &name, (&service, &version), StatusCode::OK, "").await;
    }
    let read: Result<(Name, VersionRef), String> = service
        .parse::<Name>()
        .map_err(|error| error.to_string())
        .and_then(|service| version.parse::<VersionRef>().map(|version| (service, version)).map_err(|error| error.to_string()));
    match read {
        Ok((service, version)) => see(&format!("{}?version={version}", shell.at.deploy(&name, &service))),
        Err(error) => {
            let problem = parts::sentence(&error);
            page(&op, shell, &name, (&service, &version), StatusCode::UNPROCESSABLE_ENTITY, &problem).await
        }
    }
}

/// The page for a service whose version is not known, or not there.
pub(super) async fn again(
    op: &OpContext,
    shell: Shell,
    at: &ServicePath,
    version: &str,
    problem: &str,
) -> Result<Response, Failure> {
    let status = if problem.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page(op, shell, &at.infrastructure, (at.service.as_str(), version), status, problem).await
}

async fn page(
    op: &OpContext,
    shell: Shell,
    name: &Name,
    (service, version): (&str, &str),
    status: StatusCode,
    problem: &str,
) -> Result<Response, Failure> {
    let shell = shell.here("infrastructures");
    let place = overview::show(op, name).await?;
    if !place.may_deploy {
        return Err(Error::forbidden("deploy", "deployers and admins of the infrastructure").into());
    }
    let services = in_service::names(op, name).await?;
    // A service that serves the model already, or else one with the model's name.
    let model = version.split(':').next().unwrap_or_default();
    let known = in_service::serving(op, name, model).await?;
    let offered = known.map(|service| service.to_string());
    let offered = offered.or_else(|| model.split_once('/').map(|(_, model)| model.to_owned())).unwrap_or_default();
    let service = if service.is_empty() { &offered } else { service };
    shell.page(status, &ChoosePage { shell: &shell, name, place, service, version, problem, services })
}
