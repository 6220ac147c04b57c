//! Registered models.

use super::{
    creation::{Creation, IdempotencyHeader},
    params::{ModelPath, PageQuery, ProjectPath},
    reply::{self, Answer},
};
use crate::{
    auth::Op,
    http::{Routes, StrictPath, StrictQuery},
    urls::api as paths,
};
use app::{
    projects::models,
    views::{CreateModelRequest, List, Model},
};
use utoipa_axum::routes;

pub(super) fn routes() -> Routes {
    Routes::new().publish(routes!(list_models, create_model)).publish(routes!(show_model))
}

/// Lists a project's models
#[utoipa::path(get, path = paths::MODELS, tag = "models", params(ProjectPath, PageQuery), responses((status = 200, description = "The models, by name.", body = List<Model>)))]
async fn list_models(op: Op, StrictPath(path): StrictPath<ProjectPath>, StrictQuery(query): StrictQuery<PageQuery>) -> Answer {
    reply::ok(&models::list(&op, &path.project, query.into()).await?)
}

/// Registers a model
#[utoipa::path(post, path = paths::MODELS, tag = "models", params(ProjectPath, IdempotencyHeader), request_body = CreateModelRequest, responses((status = 201, description = "Registered.", body = Model)))]
async fn create_model(StrictPath(path): StrictPath<ProjectPath>, Creation { op, body }: Creation<CreateModelRequest>) -> Answer {
    let model = models::create(&op, &path.project, body).await?;
    reply::created(&op, &model).await
}

/// Shows a model
#[utoipa::path(get, path = paths::MODEL, tag = "models", params(ModelPath), responses((status = 200, description = "The model.", body = Model)))]
async fn show_model(op: Op, StrictPath(path): StrictPath<ModelPath>) -> Answer {
    reply::ok(&models::show(&op, &path.project, &path.model).await?)
}
