//! Infrastructures, their policy and members.

use super::{
    creation::{Creation, IdempotencyHeader},
    params::{GateLogQuery, InfrastructureMemberPath, InfrastructurePath, PageQuery},
    reply::{self, Answer},
};
use crate::{
    auth::Op,
    http::{IfMatch, IfMatchHeader, Routes, StrictJson, StrictPath, StrictQuery},
    urls::api as paths,
};
use app::{
    Limit,
    infrastructures::{self, gate_log, members, policies, policy, preview},
    views::{
        ChangePolicyRequest, CreateInfrastructureRequest, Done, GateLogEntry, Infrastructure, List, PolicyPeriod, PolicyPreview,
        PolicyPreviewRequest, SetInfrastructureMemberRequest,
    },
};
use utoipa_axum::routes;

pub(super) fn routes() -> Routes {
    Routes::new()
        .publish(routes!(list_infrastructures, create_infrastructure))
        .publish(routes!(show_infrastructure))
        .publish(routes!(change_policy))
        .publish(routes!(preview_policy))
        .publish(routes!(list_policies))
        .publish(routes!(list_gate_log))
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

/// Says what another policy would do now to what is in service
///
/// Nothing is changed or recorded.
#[utoipa::path(post, path = paths::POLICY_PREVIEW, tag = "infrastructures", params(InfrastructurePath), request_body = PolicyPreviewRequest, responses((status = 200, description = "The versions in service whose standing would change.", body = PolicyPreview)))]
async fn preview_policy(
    op: Op,
    StrictPath(path): StrictPath<InfrastructurePath>,
    StrictJson(request): StrictJson<PolicyPreviewRequest>,
) -> Answer {
    let previews = preview::preview(&op, &path.infrastructure, &[request]).await?;
    reply::ok(&previews.first())
}

/// Lists the policies that an infrastructure had, the present one first
#[utoipa::path(get, path = paths::POLICIES, tag = "infrastructures", params(InfrastructurePath), responses((status = 200, description = "The policies with their reasons; the last 200.", body = List<PolicyPeriod>)))]
async fn list_policies(op: Op, StrictPath(path): StrictPath<InfrastructurePath>) -> Answer {
    reply::ok(&policies::list(&op, &path.infrastructure).await?)
}

/// Lists what the gate of an infrastructure answered to deployers, the last answer first
#[utoipa::path(get, path = paths::GATE_LOG, tag = "infrastructures", params(InfrastructurePath, GateLogQuery), responses((status = 200, description = "The answers; renewed permits are left out.", body = List<GateLogEntry>)))]
async fn list_gate_log(
    op: Op,
    StrictPath(path): StrictPath<InfrastructurePath>,
    StrictQuery(query): StrictQuery<GateLogQuery>,
) -> Answer {
    reply::ok(&gate_log::list(&op, &path.infrastructure, query.before, Limit::of(query.limit)).await?)
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
