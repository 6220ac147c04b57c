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
    live::Subject,
    views::{AcknowledgeLapseRequest, Deployment, InfrastructureOverview, Revision, RollbackRequest, Share},
};
use askama::Template;
use axum::{http::StatusCode, response::Response};
use domain::{Name, VersionRef};
use sent::{Sent, ServicePath, says};
use std::collections::BTreeSet;

pub(super) fn routes() -> Routes {
    Routes::new()
        .get(paths::SERVICE, show)
        .post(paths::ROLL_BACK, roll_back)
        .post(paths::STOP, stop)
        .post(paths::ACKNOWLEDGE_LAPSE, acknowledge_lapse)
        // The page that a refused form left in the address bar.
        .get(paths::ROLL_BACK, to_service)
        .get(paths::STOP, to_service)
        .get(paths::ACKNOWLEDGE_LAPSE, to_service)
}

#[derive(Template)]
#[template(path = "service.html")]
struct ServicePage<'a> {
    shell: &'a Shell,
    at: &'a ServicePath,
    place: InfrastructureOverview,
    /// The projects of the versions in service that the reader may read.
    readable: BTreeSet<Name>,
    deployment: Deployment,
    /// What was wrong with a form.
    problem: String,
    /// What was typed into the form about a lapse.
    lapse: Typed,
    tag: String,
}

/// Why a lapse is tolerated and for how long, as typed.
struct Typed {
    reason: String,
    valid_for: String,
}

impl Default for Typed {
    fn default() -> Self {
        Self { reason: String::new(), valid_for: "30d".to_owned() }
    }
}

async fn to_service(Visit { shell, .. }: Visit, StrictPath(at): StrictPath<ServicePath>) -> Result<Response, Failure> {
    see(&shell.at.service(&at.infrastructure, &at.service))
}

async fn show(Visit { op, shell }: Visit, StrictPath(at): StrictPath<ServicePath>) -> Result<Response, Failure> {
    page(&op, shell, &at, StatusCode::OK, String::new(), Typed::default()).await
}

async fn page(
    op: &OpContext,
    shell: Shell,
    at: &ServicePath,
    status: StatusCode,
    problem: String,
    lapse: Typed,
) -> Result<Response, Failure> {
    let shell = shell.here("infrastructures").about(&Subject::Infrastructure(at.infrastructure.clone()));
    let deployment = deployments::show(op, &at.infrastructure, &at.service).await?;
    let place = overview::show(op, &at.infrastructure).await?;
    let readable = overview::readable(op, &deployment).await?;
    let tag = deployment.etag().to_string();
    shell.page(status, &ServicePage { shell: &shell, at, place, readable, deployment, problem, lapse, tag })
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

async fn acknowledge_lapse(sent: Sent) -> Result<Response, Failure> {
    let ServicePath { infrastructure, service } = &sent.at;
    let request = match sent.form.get("valid_for").trim().parse() {
        Ok(valid_for) => AcknowledgeLapseRequest { reason: sent.form.text("reason"), valid_for },
        Err(error) => {
            let problem = parts::sentence(&format!("{error}"));
            return again(sent, StatusCode::UNPROCESSABLE_ENTITY, problem).await;
        }
    };
    match deployments::acknowledge_lapse(&sent.op, infrastructure, service, request, sent.seen()).await {
        Ok(done) => {
            let says = says(done.already_done, format!("The record says that {service} is known to be out of policy."));
            sent.done(&says)
        }
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
    let typed = |name: &str| sent.form.get(name).replace("\r\n", "\n");
    let lapse = match typed("valid_for") {
        valid_for if valid_for.is_empty() => Typed::default(),
        valid_for => Typed { reason: typed("reason"), valid_for },
    };
    page(&sent.op, shell, &sent.at, status, problem, lapse).await
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
        self.readable.contains(&version.project) && project == Some(version.project.as_str())
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
