//! Uploads: receives the files of a later version, each as a stream.

use super::{
    creation::{Creation, IdempotencyHeader},
    document::Content,
    params::{FileNameQuery, ModelPath, UploadPath},
    reply::{self, Answer},
};
use crate::{
    auth::{FileOp, Op},
    http::{EmptyBody, Routes, StrictJson, StrictPath, StrictQuery, chunks, digest_of, uncompressed},
    urls::api as paths,
};
use app::{
    versions::uploads,
    views::{FileView, KnownFiles, KnownFilesRequest, Upload},
};
use axum::{
    body::Body,
    http::{HeaderMap, StatusCode},
    response::IntoResponse,
};
use utoipa_axum::routes;

pub(super) fn routes() -> Routes {
    Routes::new()
        .publish(routes!(begin_upload))
        .publish(routes!(show_upload, cancel_upload))
        .publish(routes!(upload_file))
        .publish(routes!(take_known_files))
}

/// Begins an upload for a version of a model
#[utoipa::path(post, path = paths::UPLOADS, tag = "versions", params(ModelPath, IdempotencyHeader), responses((status = 201, description = "Begun, with its bounds.", body = Upload)))]
async fn begin_upload(StrictPath(path): StrictPath<ModelPath>, Creation { op, .. }: Creation<EmptyBody>) -> Answer {
    let upload = uploads::begin(&op, &path.project, &path.model).await?;
    reply::created(&op, &upload).await
}

/// Shows an upload and the files received so far
#[utoipa::path(get, path = paths::UPLOAD, tag = "versions", params(UploadPath), responses((status = 200, description = "The upload.", body = Upload)))]
async fn show_upload(op: Op, StrictPath(path): StrictPath<UploadPath>) -> Answer {
    reply::ok(&uploads::show(&op, path.upload).await?)
}

/// Cancels an upload
#[utoipa::path(delete, path = paths::UPLOAD, tag = "versions", params(UploadPath), responses((status = 204, description = "Forgotten.")))]
async fn cancel_upload(op: Op, StrictPath(path): StrictPath<UploadPath>) -> Answer {
    uploads::cancel(&op, path.upload).await?;
    reply::no_content()
}

/// Takes files that the server has already
///
/// The upload takes the files whose content is part of a version of the same project, or of another upload of the caller. The client sends
/// the others.
#[utoipa::path(post, path = paths::KNOWN_FILES, tag = "versions", params(UploadPath), responses((status = 200, description = "The names of the files that the upload took.", body = KnownFiles)))]
async fn take_known_files(
    op: Op,
    StrictPath(path): StrictPath<UploadPath>,
    StrictJson(request): StrictJson<KnownFilesRequest>,
) -> Answer {
    reply::ok(&uploads::known::take(&op, path.upload, request).await?)
}

/// Receives one file
///
/// A file replaces an earlier file of its name. The server keeps nothing of a file that breaks off, is too large, or differs from
/// its announced digest.
#[utoipa::path(
    put, path = paths::UPLOAD_FILES, tag = "versions",
    params(UploadPath, FileNameQuery, ("Content-Digest" = Option<String>, Header, description = "`sha-256=:BASE64:` of the content (RFC 9530).")),
    request_body(content = inline(Content), content_type = "application/octet-stream", description = "The content, of any length up to the upload's bounds."),
    responses((status = 201, description = "Received, with the digest of what arrived.", body = FileView))
)]
async fn upload_file(
    FileOp(op): FileOp,
    StrictPath(path): StrictPath<UploadPath>,
    StrictQuery(query): StrictQuery<FileNameQuery>,
    headers: HeaderMap,
    body: Body,
) -> Answer {
    uncompressed(&headers)?;
    let announced = digest_of(&headers)?;
    let (length, stream) = chunks(&headers, body);
    let file = uploads::receive(&op, path.upload, &query.name, announced, length, stream).await?;
    Ok((StatusCode::CREATED, axum::Json(file)).into_response())
}
