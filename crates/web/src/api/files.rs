//! The files of a version, streamed out.

use super::{
    document::Content,
    params::{FilePath, VersionPath},
    reply::{self, Answer},
};
use crate::{
    auth::Op,
    http::{Routes, StrictPath, file_headers},
    urls::api as paths,
};
use app::{
    versions::files,
    views::{FileView, List},
};
use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::IntoResponse,
};
use domain::VersionRef;
use utoipa_axum::routes;

pub(super) fn routes() -> Routes {
    Routes::new().publish(routes!(list_files)).publish(routes!(download_file)).publish(routes!(show_manifest))
}

/// Gives the manifest: exactly the bytes whose SHA-256 is the model digest
#[utoipa::path(get, path = paths::MANIFEST, tag = "versions", params(VersionPath), responses((status = 200, description = "Canonical JSON (RFC 8785).", body = Vec<FileView>, content_type = "application/json")))]
async fn show_manifest(op: Op, StrictPath(path): StrictPath<VersionPath>) -> Answer {
    let bytes = files::manifest(&op, &path.into()).await?;
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], bytes).into_response())
}

/// Lists a version's files
#[utoipa::path(get, path = paths::FILES, tag = "versions", params(VersionPath), responses((status = 200, description = "The files, by name.", body = List<FileView>)))]
async fn list_files(op: Op, StrictPath(path): StrictPath<VersionPath>) -> Answer {
    reply::ok(&files::list(&op, &path.into()).await?)
}

/// Gives the content of a file
#[utoipa::path(
    get, path = paths::FILE, tag = "versions", params(FilePath),
    responses((
        status = 200, description = "The content.", body = inline(Content), content_type = "application/octet-stream",
        headers(("ETag" = String, description = "The SHA-256 of the content, in hexadecimal."), ("Content-Digest" = String, description = "The same as RFC 9530 says it."))
    ))
)]
async fn download_file(op: Op, StrictPath(path): StrictPath<FilePath>) -> Answer {
    let version = VersionRef { project: path.project, model: path.model, number: path.version };
    let (file, content) = files::content(&op, &version, &path.name).await?;
    Ok((file_headers(&file)?, Body::from_stream(content)).into_response())
}
