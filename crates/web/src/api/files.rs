//! The files of a version, streamed out.

use super::{
    document::Content,
    params::{FilePath, VersionPath},
    reply::{self, Answer},
};
use crate::{
    auth::Op,
    http::{Routes, StrictPath, digest_header},
    urls::api as paths,
};
use app::{
    Error,
    versions::files,
    views::{FileView, List},
};
use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, header},
    response::IntoResponse,
};
use domain::VersionRef;
use std::fmt::Write;
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
    Ok((describe(&file)?, Body::from_stream(content)).into_response())
}

fn describe(file: &FileView) -> Result<HeaderMap, Error> {
    let disposition = HeaderValue::try_from(attachment(&file.name)).map_err(Error::internal)?;
    Ok(HeaderMap::from_iter([
        (header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
        (header::CONTENT_LENGTH, HeaderValue::from(file.size)),
        (header::CONTENT_DISPOSITION, disposition),
        digest_header(&file.sha256)?,
        reply::etag(&file.sha256)?,
    ]))
}

/// The `Content-Disposition` (RFC 6266) of a file to be saved under the last part of its name: once for all readers in harmless
/// ASCII, and once as it is, percent-encoded (RFC 8187).
fn attachment(name: &str) -> String {
    let name = name.rsplit('/').next().unwrap_or(name);
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_. ".contains(c);
    let fallback: String = name.chars().map(|c| if plain(c) { c } else { '_' }).collect();
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}"); // writing to a String does not fail
        }
    }
    format!("attachment; filename=\"{fallback}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_cannot_break_out_of_its_header() {
        assert_eq!(attachment("model.onnx"), "attachment; filename=\"model.onnx\"; filename*=UTF-8''model.onnx");
        assert_eq!(attachment("a/b/größe.txt"), "attachment; filename=\"gr__e.txt\"; filename*=UTF-8''gr%C3%B6%C3%9Fe.txt");
        assert_eq!(attachment("x\";y='\r\n"), "attachment; filename=\"x__y____\"; filename*=UTF-8''x%22%3By%3D%27%0D%0A");
    }
}
