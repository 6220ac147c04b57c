//! Shows an infrastructure.

use crate::{Error, OpContext, base::find, infrastructures, views};
use domain::{
    Name,
    access::{Action, Scope},
};

/// One infrastructure.
///
/// # Errors
/// There is none of this name.
pub async fn show(op: &OpContext, name: &Name) -> Result<views::Infrastructure, Error> {
    op.needs(Scope::Read)?;
    let mut reader = op.read().await?;
    let infrastructure = find::infrastructure(op, &mut reader, name, Action::SeeInfrastructure).await?;
    infrastructures::view::infrastructure(op, &mut reader, &infrastructure).await
}
