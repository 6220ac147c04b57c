//! Versions, their governed fields and their statements.

use super::{
    creation::{Creation, IdempotencyHeader},
    params::{ComparisonQuery, ModelPath, SinceSizeQuery, VersionPath, VersionsQuery},
    reply::{self, Answer},
};
use crate::{
    auth::Op,
    http::{IfMatch, IfMatchHeader, Routes, StrictJson, StrictPath, StrictQuery},
    urls::api as paths,
};
use app::{
    versions::{self, fields},
    views::{ChangeFieldsRequest, Comparison, CreateVersionRequest, List, StatementView, Version, VersionSummary},
};
use utoipa_axum::routes;

pub(super) fn routes() -> Routes {
    Routes::new()
        .publish(routes!(list_versions, create_version))
        .publish(routes!(show_version, change_version))
        .publish(routes!(compare_versions))
        .publish(routes!(list_statements))
        .publish(routes!(list_permits))
        .publish(routes!(show_bundle))
}

/// Lists a model's versions, newest first
#[utoipa::path(get, path = paths::VERSIONS, tag = "versions", params(ModelPath, VersionsQuery), responses((status = 200, description = "The versions.", body = List<VersionSummary>)))]
async fn list_versions(
    op: Op,
    StrictPath(path): StrictPath<ModelPath>,
    StrictQuery(query): StrictQuery<VersionsQuery>,
) -> Answer {
    reply::ok(&versions::list(&op, &path.project, &path.model, &(&query).into(), query.retired).await?)
}

/// Registers a version from an upload
#[utoipa::path(post, path = paths::VERSIONS, tag = "versions", params(ModelPath, IdempotencyHeader), request_body = CreateVersionRequest, responses((status = 201, description = "Registered; its files never change again.", body = Version)))]
async fn create_version(
    StrictPath(path): StrictPath<ModelPath>,
    Creation { op, body }: Creation<CreateVersionRequest>,
) -> Answer {
    let version = versions::create(&op, &path.project, &path.model, body).await?;
    reply::created(&op, &version).await
}

/// Shows a version and its governance status
#[utoipa::path(get, path = paths::VERSION, tag = "versions", params(VersionPath), responses((status = 200, description = "The version.", body = Version, headers(("ETag" = String, description = "The state of its governed fields.")))))]
async fn show_version(op: Op, StrictPath(path): StrictPath<VersionPath>) -> Answer {
    let version = versions::show(&op, &path.into()).await?;
    reply::tagged(&version, &version.etag())
}

/// Changes governed fields
#[utoipa::path(patch, path = paths::VERSION, tag = "versions", params(VersionPath, IfMatchHeader), request_body = ChangeFieldsRequest, responses((status = 200, description = "The version as it is now.", body = Version, headers(("ETag" = String, description = "The state of its governed fields.")))))]
async fn change_version(
    op: Op,
    StrictPath(path): StrictPath<VersionPath>,
    if_match: IfMatch,
    StrictJson(request): StrictJson<ChangeFieldsRequest>,
) -> Answer {
    let version = fields::change(&op, &path.into(), request, if_match.expected()).await?;
    reply::tagged(&version, &version.etag())
}

/// Compares a version with another one of its model
#[utoipa::path(get, path = paths::COMPARISON, tag = "versions", params(VersionPath, ComparisonQuery), responses((status = 200, description = "What differs.", body = Comparison)))]
async fn compare_versions(
    op: Op,
    StrictPath(path): StrictPath<VersionPath>,
    StrictQuery(query): StrictQuery<ComparisonQuery>,
) -> Answer {
    reply::ok(&versions::compare(&op, &path.into(), query.with).await?)
}

/// Lists the signed statements about a version
#[utoipa::path(get, path = paths::STATEMENTS, tag = "versions", params(VersionPath), responses((status = 200, description = "The statements, each as a DSSE envelope.", body = List<StatementView>)))]
async fn list_statements(op: Op, StrictPath(path): StrictPath<VersionPath>) -> Answer {
    reply::ok(&versions::statements(&op, &path.into()).await?)
}

/// Lists the permits of a version, past ones too, the newest first
#[utoipa::path(get, path = paths::PERMITS, tag = "versions", params(VersionPath), responses((status = 200, description = "The permits, each as a DSSE envelope; at most 200.", body = List<StatementView>)))]
async fn list_permits(op: Op, StrictPath(path): StrictPath<VersionPath>) -> Answer {
    reply::ok(&versions::permits_of(&op, &path.into()).await?)
}

/// Gives everything that a stranger needs to check the version's approval offline
#[utoipa::path(get, path = paths::BUNDLE, tag = "versions", params(VersionPath, SinceSizeQuery), responses((status = 200, description = "The bundle: canonical JSON, to be kept byte for byte.", body = Object)))]
async fn show_bundle(
    op: Op,
    StrictPath(path): StrictPath<VersionPath>,
    StrictQuery(query): StrictQuery<SinceSizeQuery>,
) -> Answer {
    reply::json_bytes(versions::bundle(&op, &path.into(), query.since).await?)
}
