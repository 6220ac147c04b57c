//! Infrastructures, their policy and members.

use super::{
    creation::{Creation, IdempotencyHeader},
    params::{InfrastructureMemberPath, InfrastructurePath, PageQuery},
    reply::{self, Answer},
};
use crate::{
    auth::Op,
    http::{IfMatch, IfMatchHeader, Routes, StrictJson, StrictPath, StrictQuery},
    urls::api as paths,
};
use app::{
    infrastructures::{self, members, policy},
    views::{ChangePolicyRequest, CreateInfrastructureRequest, Done, Infrastructure, List, SetInfrastructureMemberRequest},
};
use utoipa_axum::routes;

pub(super) fn routes() -> Routes {
    Routes::new()
        .publish(routes!(list_infrastructures, create_infrastructure))
        .publish(routes!(show_infrastructure))
        .publish(routes!(change_policy))
        .publish(routes!(set_infrastructure_member, remove_infrastructure_member))
}

/// Lists the infrastructures
#[utoipa::path(get, path = paths::INFRASTRUCTURES, tag = "infrastructures", params(PageQuery), responses((status = 200, description = "The infrastructures, by name.", body = List<Infrastructure>)))]
async fn list_infrastructures(op: Op, StrictQuery(query): StrictQuery<PageQuery>) -> Answer {
    reply::ok(&infrastructures::list(&op, query.into()).await?)
}

/// Creates an infrastructure, with you as its admin
#[utoipa::path(post, path = paths::INFRASTRUCTURES, tag = "infrastructures", params(IdempotencyHeader), request_body = CreateInfrastructureRequest, responses((status = 201, description = "Created.", body = Infrastructure)))]
async fn create_infrastructure(Creation { op, body }: Creation<CreateInfrastructureRequest>) -> Answer {
    let infrastructure = infrastructures::create(&op, body).await?;
    reply::created(&op, &infrastructure).await
}

/// Shows an infrastructure
#[utoipa::path(get, path = paths::INFRASTRUCTURE, tag = "infrastructures", params(InfrastructurePath), responses((status = 200, description = "The infrastructure.", body = Infrastructure, headers(("ETag" = String, description = "The state of its policy.")))))]
async fn show_infrastructure(op: Op, StrictPath(path): StrictPath<InfrastructurePath>) -> Answer {
    let infrastructure = infrastructures::show(&op, &path.infrastructure).await?;
    reply::tagged(&infrastructure, &infrastructure.etag())
}

/// Changes an infrastructure's policy, for a reason
#[utoipa::path(put, path = paths::POLICY, tag = "infrastructures", params(InfrastructurePath, IfMatchHeader), request_body = ChangePolicyRequest, responses((status = 200, description = "The infrastructure as it is now.", body = Done<Infrastructure>, headers(("ETag" = String, description = "The state of its policy.")))))]
async fn change_policy(
    op: Op,
    StrictPath(path): StrictPath<InfrastructurePath>,
    if_match: IfMatch,
    StrictJson(request): StrictJson<ChangePolicyRequest>,
) -> Answer {
    let done = policy::change(&op, &path.infrastructure, request, if_match.expected()).await?;
    reply::tagged(&done, &done.result.etag())
}

/// Gives a user or group a role on an infrastructure
#[utoipa::path(put, path = paths::INFRASTRUCTURE_MEMBER, tag = "infrastructures", params(InfrastructureMemberPath), request_body = SetInfrastructureMemberRequest, responses((status = 200, description = "The infrastructure as it is now.", body = Done<Infrastructure>)))]
async fn set_infrastructure_member(
    op: Op,
    StrictPath(path): StrictPath<InfrastructureMemberPath>,
    StrictJson(request): StrictJson<SetInfrastructureMemberRequest>,
) -> Answer {
    reply::ok(&members::set(&op, &path.infrastructure, &path.member, request).await?)
}

/// Removes a user or group from an infrastructure
#[utoipa::path(delete, path = paths::INFRASTRUCTURE_MEMBER, tag = "infrastructures", params(InfrastructureMemberPath), responses((status = 200, description = "The infrastructure as it is now.", body = Done<Infrastructure>)))]
async fn remove_infrastructure_member(op: Op, StrictPath(path): StrictPath<InfrastructureMemberPath>) -> Answer {
    reply::ok(&members::remove(&op, &path.infrastructure, &path.member).await?)
}
