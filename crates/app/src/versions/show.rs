//! Shows a version and its statements.

use crate::{
    Error, OpContext,
    base::find,
    change::statements,
    versions,
    views::{self, List, StatementView},
};
use domain::{
    VersionRef,
    access::{Action, Scope},
};

/// One version with where it stands.
///
/// # Errors
/// No such version, or none that the caller may see.
pub async fn show(op: &OpContext, name: &VersionRef) -> Result<views::Version, Error> {
    op.needs(Scope::Read)?;
    let mut reader = op.read().await?;
    let found = find::version(op, &mut reader, name, Action::ReadProject).await?;
    versions::view::version(op, &mut reader, &found).await
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
    Ok(List::whole(statements.iter().map(statements::view).collect::<Result<_, _>>()?))
}
