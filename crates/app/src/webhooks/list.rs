//! Shows webhooks.

use super::{access, view};
use crate::{
    Error, OpContext, Page,
    views::{self, List},
};
use domain::{
    Name,
    access::{Action, Scope},
};

/// The webhooks of a project, for its managers; all of them, for administrators and auditors. By name.
///
/// # Errors
/// Not the caller's to see; no such project.
pub async fn list(op: &OpContext, project: Option<&Name>, page: &Page) -> Result<List<views::Webhook>, Error> {
    op.needs(Scope::Read)?;
    let mut reader = op.read().await?;
    let reads_all = op.allow(Action::ReadAudit);
    let of = match project {
        Some(name) if reads_all.is_ok() => {
            Some(reader.project_by_name(name).await?.ok_or_else(|| Error::not_found("project", name))?)
        }
        Some(name) => access::keep(op, &mut reader, Some(name)).await?,
        None => reads_all.map(|()| None)?,
    };
    let webhooks = reader.webhooks(of.map(|project| project.id), &page.after, page.limit() + 1).await?;
    let mut items = Vec::new();
    for webhook in &webhooks {
        let project = access::project(&mut reader, webhook).await?;
        items.push(view::webhook(op, &mut reader, webhook, project.as_ref()).await?);
    }
    Ok(List::page(items, page.limit(), |webhook| webhook.name.to_string()))
}

/// Whether the caller may change this webhook.
///
/// # Errors
/// No such webhook, or none that the caller may see.
pub async fn may_change(op: &OpContext, name: &Name) -> Result<bool, Error> {
    let mut reader = op.read().await?;
    access::seen(op, &mut reader, name).await?;
    Ok(access::kept(op, &mut reader, name).await.is_ok())
}

/// One webhook.
///
/// # Errors
/// No such webhook, or none that the caller may see.
pub async fn show(op: &OpContext, name: &Name) -> Result<views::Webhook, Error> {
    op.needs(Scope::Read)?;
    let mut reader = op.read().await?;
    let (webhook, project) = access::seen(op, &mut reader, name).await?;
    view::webhook(op, &mut reader, &webhook, project.as_ref()).await
}
