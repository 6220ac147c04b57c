//! Lists infrastructures.

use crate::{
    Error, OpContext, Page, infrastructures,
    views::{self, List},
};
use domain::access::{Action, Scope};

/// Infrastructures in the order of their names.
///
/// # Errors
/// A token without the scope.
pub async fn list(op: &OpContext, page: Page) -> Result<List<views::Infrastructure>, Error> {
    op.needs(Scope::Read)?;
    op.allow(Action::SeeInfrastructure)?;
    let mut reader = op.read().await?;
    let mut items = Vec::new();
    for infrastructure in reader.infrastructures(&page.after, page.limit() + 1).await? {
        items.push(infrastructures::view::infrastructure(op, &mut reader, &infrastructure).await?);
    }
    Ok(List::page(items, page.limit(), |infrastructure| infrastructure.name.to_string()))
}
