//! Shows a project.

use crate::{Error, OpContext, base::find, projects, views};
use domain::{
    Name,
    access::{Action, Scope},
};

/// One project.
///
/// # Errors
/// There is none of this name, or the caller may not see it.
pub async fn show(op: &OpContext, name: &Name) -> Result<views::Project, Error> {
    op.needs(Scope::Read)?;
    let mut reader = op.read().await?;
    let project = find::project(op, &mut reader, name, Action::ReadProject).await?;
    projects::view::project(&mut reader, &project).await
}
