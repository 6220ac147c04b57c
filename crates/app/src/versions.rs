//! Listing and showing versions and what was signed about them.

use crate::{
    Error, OpContext, Page, find, governance,
    views::{self, List, StatementView, VersionSummary},
};
use domain::{
    Name, VersionRef,
    access::{Action, Scope},
};

/// A model's versions, newest first; `page.after` is the number below which to go on.
///
/// # Errors
/// No such model, or none that the caller may see.
pub async fn list(op: &OpContext, project: &Name, model: &Name, page: &Page) -> Result<List<VersionSummary>, Error> {
    op.needs(Scope::Read)?;
    let below = match page.after.as_str() {
        "" => u32::MAX >> 1,
        number => {
            number.parse().map_err(|_| Error::invalid("after", "`after` is the number of the last version that was listed"))?
        }
    };
    let mut reader = op.read().await?;
    let (project, model) = find::model(op, &mut reader, project, model, Action::ReadProject).await?;
    let versions = reader.versions(model.id, below, page.limit() + 1).await?.into_iter();
    let items = versions.map(|(round, version, model)| VersionSummary {
        step: governance::step(&version),
        status: round.signoff.0.status(),
        round: round.number,
        model_digest: version.model_digest,
        created_at: version.created_at,
        name: VersionRef { project: project.name.clone(), model: model.name, number: version.number },
    });
    let items = items.collect();
    Ok(List::page(items, page.limit(), |item| item.name.number.to_string()))
}

/// One version with where it stands.
///
/// # Errors
/// No such version, or none that the caller may see.
pub async fn show(op: &OpContext, name: &VersionRef) -> Result<views::Version, Error> {
    op.needs(Scope::Read)?;
    let mut reader = op.read().await?;
    let found = find::version(op, &mut reader, name, Action::ReadProject).await?;
    governance::version_view(op, &mut reader, &found).await
}

/// The decisions that were signed about a version, the first one first.
///
/// # Errors
/// No such version, or none that the caller may see.
pub async fn statements(op: &OpContext, name: &VersionRef) -> Result<List<StatementView>, Error> {
    op.needs(Scope::Read)?;
    let mut reader = op.read().await?;
    let found = find::version(op, &mut reader, name, Action::ReadProject).await?;
    let statements = reader.decisions(found.version.id).await?;
    Ok(List::whole(statements.iter().map(governance::statement_view).collect::<Result<_, _>>()?))
}
