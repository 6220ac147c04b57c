//! Registered models.

use super::params::{ModelPath, PageQuery, ProjectPath};
use crate::{
    extract::{Creating, IdempotencyHeader, Op, StrictPath, StrictQuery},
    reply::{self, Answer},
    state::Web,
};
use app::{
    projects::models,
    views::{CreateModelRequest, List, Model},
};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(list_models, create_model)).routes(routes!(show_model))
}

/// Lists a project's models
#[utoipa::path(get, path = "/projects/{project}/models", tag = "models", params(ProjectPath, PageQuery), responses((status = 200, description = "The models, by name.", body = List<Model>)))]
async fn list_models(op: Op, StrictPath(path): StrictPath<ProjectPath>, StrictQuery(query): StrictQuery<PageQuery>) -> Answer {
    reply::ok(&models::list(&op, &path.project, query.into()).await?)
}

/// Registers a model
#[utoipa::path(post, path = "/projects/{project}/models", tag = "models", params(ProjectPath, IdempotencyHeader), request_body = CreateModelRequest, responses((status = 201, description = "Registered.", body = Model)))]
async fn create_model(StrictPath(path): StrictPath<ProjectPath>, Creating { op, body }: Creating<CreateModelRequest>) -> Answer {
    let model = models::create(&op, &path.project, body).await?;
    reply::created(&op, &model).await
}

/// Shows a model
#[utoipa::path(get, path = "/projects/{project}/models/{model}", tag = "models", params(ModelPath), responses((status = 200, description = "The model.", body = Model)))]
async fn show_model(op: Op, StrictPath(path): StrictPath<ModelPath>) -> Answer {
    reply::ok(&models::show(&op, &path.project, &path.model).await?)
}
