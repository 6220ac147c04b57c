//! Serving nodes: the plan and the files for them, their reports, and the list of nodes.

use super::{
    document::Content,
    params::{InfrastructurePath, NodePath, ServedFilePath, ServedManifestPath, ServingQuery},
    reply::{self, Answer},
};
use crate::{
    auth::Op,
    http::{Routes, StrictJson, StrictPath, StrictQuery, Web, digest_header},
    urls::api as paths,
};
use app::{
    Caller, Error,
    serving::{files, log::KnownLog, nodes, plan},
    views::{FileView, List, Node, NodeReport, Serving},
};
use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::IntoResponse,
};
use std::time::{Duration, Instant};
use utoipa_axum::routes;

/// The longest wait, in seconds.
const LONGEST_WAIT: u64 = 30;
/// A request that waited for so long does not count for the rate limit.
const PATIENT: Duration = Duration::from_secs(1);

pub(super) fn routes() -> Routes {
    Routes::new()
        .publish(routes!(follow_serving))
        .publish(routes!(served_manifest))
        .publish(routes!(served_file))
        .publish(routes!(list_nodes))
        .publish(routes!(report_node, remove_node))
}

/// Says what is in service on an infrastructure, at once or when it changes
///
/// For the nodes of the infrastructure. With the `tag` of an earlier answer as `after`, the server waits until the state changes,
/// at most `wait` seconds. The answer has a signed checkpoint of the log. With `log_size` and `log_key` the answer proves that the log
/// continues the checkpoint of that size, and shows the changes of the log's key since.
#[utoipa::path(get, path = paths::SERVING, tag = "nodes", params(InfrastructurePath, ServingQuery), responses((status = 200, description = "What is in service.", body = Serving)))]
async fn follow_serving(
    State(web): State<Web>,
    op: Op,
    StrictPath(path): StrictPath<InfrastructurePath>,
    StrictQuery(query): StrictQuery<ServingQuery>,
) -> Answer {
    let wait = query.wait.unwrap_or(0);
    if wait > LONGEST_WAIT {
        return Err(Error::invalid("wait", format!("wait for 0 to {LONGEST_WAIT} seconds")).into());
    }
    let (began, shutdown) = (Instant::now(), web.options.shutdown.clone().wait());
    let wait = Duration::from_secs(wait);
    let known = KnownLog { size: query.log_size, key: query.log_key };
    let serving = plan::follow(&op, &path.infrastructure, query.after.as_deref(), &known, wait, shutdown).await?;
    // Waiting is what it is for: only those who come back at once count.
    if let Caller::User { token, .. } = &op.caller
        && began.elapsed() >= PATIENT
    {
        web.limits.requests.give_back(*token, Instant::now());
    }
    reply::ok(&serving)
}

/// Gives the manifest of a version in service: exactly the bytes whose SHA-256 is the model digest
#[utoipa::path(get, path = paths::SERVED_MANIFEST, tag = "nodes", params(ServedManifestPath), responses((status = 200, description = "Canonical JSON (RFC 8785).", body = Vec<FileView>, content_type = "application/json")))]
async fn served_manifest(op: Op, StrictPath(path): StrictPath<ServedManifestPath>) -> Answer {
    let bytes = files::manifest(&op, &path.infrastructure, path.model_digest).await?;
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], bytes).into_response())
}

/// Gives a file of a version in service, by the SHA-256 of its content
#[utoipa::path(
    get, path = paths::SERVED_FILE, tag = "nodes", params(ServedFilePath),
    responses((
        status = 200, description = "The content, as it stands in the storage.", body = inline(Content), content_type = "application/octet-stream",
        headers(("Content-Digest" = String, description = "The SHA-256 that the content should have (RFC 9530)."))
    ))
)]
async fn served_file(op: Op, StrictPath(path): StrictPath<ServedFilePath>) -> Answer {
    let (file, content) = files::content(&op, &path.infrastructure, path.sha256).await?;
    let headers = HeaderMap::from_iter([
        (header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
        (header::CONTENT_LENGTH, HeaderValue::from(file.size)),
        digest_header(&file.sha256)?,
    ]);
    Ok((headers, Body::from_stream(content)).into_response())
}

/// Lists the nodes of an infrastructure and their reports
#[utoipa::path(get, path = paths::NODES, tag = "nodes", params(InfrastructurePath), responses((status = 200, description = "The nodes, by name.", body = List<Node>)))]
async fn list_nodes(op: Op, StrictPath(path): StrictPath<InfrastructurePath>) -> Answer {
    reply::ok(&nodes::list(&op, &path.infrastructure).await?)
}

/// Takes a node's report
#[utoipa::path(put, path = paths::NODE, tag = "nodes", params(NodePath), request_body = NodeReport, responses((status = 204, description = "Kept.")))]
async fn report_node(op: Op, StrictPath(path): StrictPath<NodePath>, StrictJson(report): StrictJson<NodeReport>) -> Answer {
    nodes::report(&op, &path.infrastructure, &path.node, report).await?;
    reply::no_content()
}

/// Takes a node off the list
#[utoipa::path(delete, path = paths::NODE, tag = "nodes", params(NodePath), responses((status = 204, description = "The node is not on the list.")))]
async fn remove_node(op: Op, StrictPath(path): StrictPath<NodePath>) -> Answer {
    nodes::remove(&op, &path.infrastructure, &path.node).await?;
    reply::no_content()
}
