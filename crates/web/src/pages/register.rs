//! Registers a version of a model: files, figures and notes in one form. The form works as a whole without script; with script the files
//! travel before the rest, with progress, and what has arrived is not sent again.

mod draft;
mod received;

use super::{
    compare::ModelPath,
    fields::FieldsDraft,
    parts,
    shell::{Shell, Visit, see_saying},
};
use crate::{
    auth::SentFiles,
    http::{Failure, Routes, StrictPath, Web},
    urls::pages as paths,
};
use app::{
    IdempotencyKey, OpContext,
    error::{Code, Kind},
    versions::{self, uploads},
    views::{Upload, UploadLimits},
};
use askama::Template;
use axum::{
    Json,
    extract::{Query, State},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use domain::{Digest, Name};
use draft::Draft;
use proof::Sha256;
use std::collections::HashMap;
use uuid::Uuid;

pub(super) fn routes() -> Routes {
    Routes::new().get(paths::NEW_VERSION, show).post(paths::NEW_VERSION, send)
}

#[derive(Template)]
#[template(path = "register.html")]
struct RegisterPage<'a> {
    shell: &'a Shell,
    project: Name,
    model: Name,
    limits: UploadLimits,
    /// What has arrived so far.
    upload: Option<Upload>,
    once: Uuid,
    fields: FieldsDraft,
}

impl RegisterPage<'_> {
    fn takes_json_files(&self) -> bool {
        true
    }
}

async fn show(
    Visit { op, shell }: Visit,
    StrictPath(path): StrictPath<ModelPath>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, Failure> {
    let upload = query.get("upload").and_then(|upload| upload.parse().ok());
    page(&op, shell, path, Draft { upload, ..Draft::default() }).await
}

async fn send(
    State(web): State<Web>,
    StrictPath(path): StrictPath<ModelPath>,
    headers: HeaderMap,
    SentFiles { op, parts }: SentFiles,
) -> Result<Response, Failure> {
    uploads::limits(&op, &path.project, &path.model).await?;
    let mut draft = received::receive(&op, &path, parts).await?;
    if takes_json(&headers) {
        return kept(&op, draft).await;
    }
    if draft.go == "register" && !draft.is_refused() {
        match register(&op, &path, &draft).await {
            Ok(version) => {
                let shell = Shell::for_nobody(&web, &headers);
                let says =
                    format!("You registered {} v{}. Its files stay as they are for ever.", path.model, version.name.number);
                return see_saying(&web, &shell.at.version(&version.name), &says);
            }
            // The first press of the button was carried out.
            Err(error) if error.code == Code::IdempotencyKeyUsed => {
                let shell = Shell::for_nobody(&web, &headers);
                let says = "You sent this form twice: the version is registered once.";
                return see_saying(&web, &shell.at.model_named(&path.project, &path.model), says);
            }
            Err(error) => match error.kind() {
                Kind::Invalid | Kind::TooLarge | Kind::Conflict | Kind::Stale => draft = draft.refused(&error),
                Kind::NotFound if draft.upload.is_some() => draft = draft.without_upload(),
                _ => return Err(error.into()),
            },
        }
    }
    page(&op, Shell::of(&op, &web, &headers).await?, path, draft).await
}

async fn register(op: &OpContext, path: &ModelPath, draft: &Draft) -> Result<app::views::Version, app::Error> {
    let mut op = op.clone();
    op.key = draft.once.parse::<Uuid>().ok().map(|once| IdempotencyKey {
        key: format!("form {once}"),
        request: Digest::from_bytes(*Sha256::of(once.as_bytes()).as_bytes()),
    });
    versions::create(&op, &path.project, &path.model, draft.request()?).await
}

/// Whether the script of the page sent this, and wants to know what has arrived.
fn takes_json(headers: &HeaderMap) -> bool {
    headers.get(header::ACCEPT).is_some_and(|accept| accept == "application/json")
}

async fn kept(op: &OpContext, draft: Draft) -> Result<Response, Failure> {
    match draft.upload {
        Some(upload) if !draft.is_refused() => Ok(Json(uploads::show(op, upload).await?).into_response()),
        _ => Ok((draft.fields.status(), Json(serde_json::json!({ "problem": draft.fields.problem }))).into_response()),
    }
}

async fn page(op: &OpContext, shell: Shell, path: ModelPath, mut draft: Draft) -> Result<Response, Failure> {
    let ModelPath { project, model } = path;
    let limits = uploads::limits(op, &project, &model).await?;
    let upload = match draft.upload {
        None => None,
        Some(upload) => match uploads::show(op, upload).await {
            Ok(upload) => Some(upload),
            Err(error) if error.kind() == Kind::NotFound => {
                draft = draft.without_upload();
                None
            }
            Err(error) => return Err(error.into()),
        },
    };
    let shell = shell.here("projects");
    shell.page(
        draft.fields.status(),
        &RegisterPage { shell: &shell, project, model, limits, upload, once: op.id(), fields: draft.fields },
    )
}
