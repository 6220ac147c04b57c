//! Deployments: shows what is in service, and changes it through the gate.

use super::{
    params::{DeploymentPath, InfrastructurePath, PageQuery},
    reply::{self, Answer},
};
use crate::{
    auth::Op,
    http::{EmptyBody, IfMatch, IfMatchHeader, Routes, StrictJson, StrictPath, StrictQuery},
    urls::api as paths,
};
use app::{
    deployments,
    views::{AcknowledgeLapseRequest, DeployRequest, Deployment, Done, List, RollbackRequest},
};
use utoipa_axum::routes;

pub(super) fn routes() -> Routes {
    Routes::new()
        .publish(routes!(list_deployments))
        .publish(routes!(show_deployment, deploy))
        .publish(routes!(rollback))
        .publish(routes!(stop))
        .publish(routes!(acknowledge_lapse))
}

/// A deployment after a command, with the tag of its revision.
fn after(done: Done<Deployment>) -> Answer {
    reply::tagged(&done, &done.result.etag())
}

/// Lists an infrastructure's deployments
#[utoipa::path(get, path = paths::DEPLOYMENTS, tag = "deployments", params(InfrastructurePath, PageQuery), responses((status = 200, description = "The deployments, by service.", body = List<Deployment>)))]
async fn list_deployments(
    op: Op,
    StrictPath(path): StrictPath<InfrastructurePath>,
    StrictQuery(query): StrictQuery<PageQuery>,
) -> Answer {
    reply::ok(&deployments::list(&op, &path.infrastructure, &query.into()).await?)
}

/// Shows a deployment and its last revisions
#[utoipa::path(get, path = paths::DEPLOYMENT, tag = "deployments", params(DeploymentPath), responses((status = 200, description = "The deployment.", body = Deployment, headers(("ETag" = String, description = "The revision in force.")))))]
async fn show_deployment(op: Op, StrictPath(path): StrictPath<DeploymentPath>) -> Answer {
    let deployment = deployments::show(&op, &path.infrastructure, &path.service).await?;
    reply::tagged(&deployment, &deployment.etag())
}

/// Deploys versions to a service, if the gate allows it
///
/// A denial is 403 `denied_by_policy`; a warning that nobody acknowledged is 409 `not_acknowledged`. Both bear the gate's answer.
#[utoipa::path(post, path = paths::DEPLOYMENT, tag = "deployments", params(DeploymentPath, IfMatchHeader), request_body = DeployRequest, responses((status = 200, description = "The deployment as it is now.", body = Done<Deployment>, headers(("ETag" = String, description = "The revision in force.")))))]
async fn deploy(
    op: Op,
    StrictPath(path): StrictPath<DeploymentPath>,
    if_match: IfMatch,
    StrictJson(request): StrictJson<DeployRequest>,
) -> Answer {
    after(deployments::deploy(&op, &path.infrastructure, &path.service, request, if_match.expected()).await?)
}

/// Goes back to an earlier revision, if the gate allows it
#[utoipa::path(post, path = paths::ROLLBACK, tag = "deployments", params(DeploymentPath, IfMatchHeader), request_body = RollbackRequest, responses((status = 200, description = "The deployment as it is now.", body = Done<Deployment>, headers(("ETag" = String, description = "The revision in force.")))))]
async fn rollback(
    op: Op,
    StrictPath(path): StrictPath<DeploymentPath>,
    if_match: IfMatch,
    StrictJson(request): StrictJson<RollbackRequest>,
) -> Answer {
    after(deployments::rollback(&op, &path.infrastructure, &path.service, request, if_match.expected()).await?)
}

/// Stops a service
#[utoipa::path(post, path = paths::STOP, tag = "deployments", params(DeploymentPath, IfMatchHeader), responses((status = 200, description = "The deployment as it is now.", body = Done<Deployment>, headers(("ETag" = String, description = "The revision in force.")))))]
async fn stop(op: Op, StrictPath(path): StrictPath<DeploymentPath>, if_match: IfMatch, _: StrictJson<EmptyBody>) -> Answer {
    after(deployments::stop(&op, &path.infrastructure, &path.service, if_match.expected()).await?)
}

/// Says that a service is known to be out of policy, and tolerated for a while
///
/// The service stays out of policy, but counts no more among those that need attention: until the end, and while the reasons stay as they are.
#[utoipa::path(post, path = paths::ACKNOWLEDGE_LAPSE, tag = "deployments", params(DeploymentPath, IfMatchHeader), request_body = AcknowledgeLapseRequest, responses((status = 200, description = "The deployment as it is now.", body = Done<Deployment>, headers(("ETag" = String, description = "The revision in force.")))))]
async fn acknowledge_lapse(
    op: Op,
    StrictPath(path): StrictPath<DeploymentPath>,
    if_match: IfMatch,
    StrictJson(request): StrictJson<AcknowledgeLapseRequest>,
) -> Answer {
    after(deployments::acknowledge_lapse(&op, &path.infrastructure, &path.service, request, if_match.expected()).await?)
}
