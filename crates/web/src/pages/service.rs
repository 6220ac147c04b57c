//! The page of a service: what it serves on what ground, its health, its revisions. A deployer changes weights, rolls back, stops.

pub(super) mod sent;

use super::{
    deploy::refusal::{self, Asked},
    infrastructure::words,
    parts,
    shell::{Shell, Visit, see},
};
use crate::{
    http::{Failure, Routes, StrictPath},
    urls::pages as paths,
};
use app::{
    Error, OpContext, deployments,
    error::Kind,
    infrastructures::overview,
    views::{Deployment, InfrastructureOverview, Revision, RollbackRequest, Share},
};
use askama::Template;
use axum::{http::StatusCode, response::Response};
use domain::VersionRef;
use sent::{Sent, ServicePath, says};

pub(super) fn routes() -> Routes {
    Routes::new()
        .get(paths::SERVICE, show)
        .post(paths::ROLL_BACK, roll_back)
        .post(paths::STOP, stop)
        // The page that a refused form left in the address bar.
        .get(paths::ROLL_BACK, to_service)
        .get(paths::STOP, to_service)
}

#[derive(Template)]
#[template(path = "service.html")]
struct ServicePage<'a> {
    shell: &'a Shell,
    at: &'a ServicePath,
    place: InfrastructureOverview,
    deployment: Deployment,
    /// What was wrong with a form.
    problem: String,
    tag: String,
}

async fn to_service(Visit { shell, .. }: Visit, StrictPath(at): StrictPath<ServicePath>) -> Result<Response, Failure> {
    see(&shell.at.service(&at.infrastructure, &at.service))
}

async fn show(Visit { op, shell }: Visit, StrictPath(at): StrictPath<ServicePath>) -> Result<Response, Failure> {
    page(&op, shell, &at, StatusCode::OK, String::new()).await
}

async fn page(op: &OpContext, shell: Shell, at: &ServicePath, status: StatusCode, problem: String) -> Result<Response, Failure> {
    let shell = shell.here("infrastructures");
    let deployment = deployments::show(op, &at.infrastructure, &at.service).await?;
    let place = overview::show(op, &at.infrastructure).await?;
    let tag = deployment.etag().to_string();
    shell.page(status, &ServicePage { shell: &shell, at, place, deployment, problem, tag })
}

async fn roll_back(sent: Sent) -> Result<Response, Failure> {
    let to = sent.form.get("to").to_owned();
    let acknowledge = sent.form.text("acknowledge");
    let request = match to.parse() {
        Ok(number) => RollbackRequest { to: Some(number), acknowledge },
        Err(_) => return again(sent, StatusCode::UNPROCESSABLE_ENTITY, "Choose a revision to go back to.".to_owned()).await,
    };
    let ServicePath { infrastructure, service } = &sent.at;
    match deployments::rollback(&sent.op, infrastructure, service, request, sent.seen()).await {
        Ok(done) => {
            let number = done.result.revision.number;
            sent.done(&says(done.already_done, format!("{service} serves again what revision {to} served: revision {number}.")))
        }
        Err(error) if refusal::is_one(&error) => {
            let asked = Asked { action: sent.shell().await?.at.roll_back(infrastructure, service), fields: vec![("to", to)] };
            refusal::page(&sent, error, asked).await
        }
        Err(error) => failed(sent, error).await,
    }
}

async fn stop(sent: Sent) -> Result<Response, Failure> {
    let ServicePath { infrastructure, service } = &sent.at;
    match deployments::stop(&sent.op, infrastructure, service, sent.seen()).await {
        Ok(done) => sent.done(&says(done.already_done, format!("{service} is stopped."))),
        Err(error) => failed(sent, error).await,
    }
}

/// The page again, where the service changed meanwhile or cannot do what was asked.
async fn failed(sent: Sent, error: Error) -> Result<Response, Failure> {
    match error.kind() {
        Kind::Stale | Kind::Conflict => {
            let happened = refusal::what_happened(&sent).await;
            again(sent, StatusCode::CONFLICT, format!("{happened} Nothing was changed.")).await
        }
        Kind::Invalid => again(sent, StatusCode::UNPROCESSABLE_ENTITY, parts::sentence(&error.message)).await,
        _ => Err(error.into()),
    }
}

async fn again(sent: Sent, status: StatusCode, problem: String) -> Result<Response, Failure> {
    let shell = sent.shell().await?;
    page(&sent.op, shell, &sent.at, status, problem).await
}

impl ServicePage<'_> {
    fn is_stopped(&self) -> bool {
        self.deployment.revision.shares.is_empty()
    }

    /// Whether the revision can be taken up again: the present one and a stop cannot.
    fn is_earlier(&self, revision: &Revision) -> bool {
        revision.number != self.deployment.revision.number && !revision.shares.is_empty()
    }

    fn reads(&self, version: &VersionRef) -> bool {
        let project = self.deployment.model.split('/').next();
        self.place.readable.contains(&version.project) && project == Some(version.project.as_str())
    }

    fn version(&self, version: &VersionRef) -> parts::Markup {
        words::version(self.shell, version, self.reads(version))
    }

    fn seal(&self, share: &Share) -> parts::Markup {
        parts::seal(share.model_digest.as_bytes(), words::force(share), true)
    }

    fn ground(&self, share: &Share) -> parts::Markup {
        words::ground(share, self.shell.now)
    }
}
