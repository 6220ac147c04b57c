//! Registers, lists and shows models.

use crate::change::{self, Subject};
use crate::{
    Error, OpContext, Page,
    base::find,
    projects,
    views::{self, CreateModelRequest, List},
};
use domain::{
    Name,
    access::{Action, Scope},
    event::Event,
};
use store::{Model, StoreError};

/// A project's models in the order of their names.
///
/// # Errors
/// There is no such project, or the caller may not see it.
pub async fn list(op: &OpContext, project: &Name, page: Page) -> Result<List<views::Model>, Error> {
    op.needs(Scope::Read)?;
    let mut reader = op.read().await?;
    let project = find::project(op, &mut reader, project, Action::ReadProject).await?;
    let models = reader.models(project.id, &page.after, page.limit() + 1).await?;
    // Of a model without versions there is none, so more of them than there are models could only come after.
    let latest = reader.last_numbers(project.id, &page.after, page.limit() + 1).await?;
    let items =
        models.iter().map(|model| projects::view::listed_model(&project, model, latest.get(&model.id).copied())).collect();
    Ok(List::page(items, page.limit(), |model| model.name.to_string()))
}

/// One model.
///
/// # Errors
/// There is no such model, or the caller may not see its project.
pub async fn show(op: &OpContext, project: &Name, name: &Name) -> Result<views::Model, Error> {
    op.needs(Scope::Read)?;
    let mut reader = op.read().await?;
    let (project, model) = find::model(op, &mut reader, project, name, Action::ReadProject).await?;
    projects::view::model(&mut reader, &project, &model).await
}

/// Registers a model, still without versions.
///
/// # Errors
/// Not a contributor of the project; a name that is taken in it.
pub async fn create(op: &OpContext, project: &Name, request: CreateModelRequest) -> Result<views::Model, Error> {
    op.needs(Scope::Register)?;
    let (ref op, mut tx) = op.write().await?;
    let project = find::project(op, &mut tx, project, Action::Contribute).await?;
    let CreateModelRequest { name, display_name } = request;
    let model = Model { id: op.id(), project_id: project.id, name, created_at: op.now, display_name };
    tx.insert(&model).await.map_err(|error| match error {
        StoreError::Exists => Error::exists("model", format_args!("{}/{}", project.name, model.name)).at("/name"),
        other => other.into(),
    })?;
    let event = Event::ModelCreated { name: model.name.clone(), display_name: model.display_name.clone() };
    change::record(op, &mut tx, Subject::Model(&project, &model), event).await?;
    tx.commit().await?;
    let view = projects::view::model(&mut op.read_back().await?, &project, &model).await.map_err(Error::after_commit)?;
    Ok(view)
}
