//! The files of a version, to be saved.

use crate::{
    http::{Failure, Routes, StrictPath, file_headers},
    pages::shell::Visit,
    urls::pages as paths,
};
use app::versions::files;
use axum::{
    body::Body,
    extract::Query,
    response::{IntoResponse, Response},
};
use domain::VersionRef;
use std::collections::HashMap;

pub(super) fn routes() -> Routes {
    Routes::new().get(paths::DOWNLOAD, download)
}

async fn download(
    Visit { op, .. }: Visit,
    StrictPath(version): StrictPath<VersionRef>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, Failure> {
    let name = query.get("name").map(String::as_str).unwrap_or_default();
    let (file, content) = files::content(&op, &version, name).await?;
    Ok((file_headers(&file)?, Body::from_stream(content)).into_response())
}
