//! Lists the deployments of an infrastructure.

use crate::{
    Error, OpContext, Page,
    base::find,
    deployments::view::Desk,
    views::{self, List},
};
use domain::{
    Name,
    access::{Action, Scope},
};

/// The deployments of an infrastructure.
///
/// # Errors
/// No such infrastructure; no role on it.
pub async fn list(op: &OpContext, infrastructure: &Name, page: &Page) -> Result<List<views::Deployment>, Error> {
    op.needs(Scope::Read)?;
    let mut reader = op.read().await?;
    let infrastructure = find::infrastructure(op, &mut reader, infrastructure, Action::ReadDeployments).await?;
    let deployments = reader.whole_deployments(infrastructure.id, &page.after, page.limit() + 1).await?;
    let mut desk = Desk::open(op, &mut reader, &infrastructure, &deployments, &[]).await?;
    let mut items = Vec::new();
    for deployment in &deployments {
        items.push(desk.view(deployment, Vec::new()).await?);
    }
    Ok(List::page(items, page.limit(), |item| item.service.to_string()))
}
