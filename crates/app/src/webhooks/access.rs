//! Who keeps and reads webhooks: administrators all of them, managers those of their project; auditors read all of them.

use crate::{Error, OpContext, base::find};
use domain::{Name, access::Action};
use store::{Project, Reader, Webhook};

/// The project of a webhook, whose managers keep it. Without a project only administrators do.
///
/// # Errors
/// Neither a manager nor an administrator; no such project.
pub(super) async fn keep(op: &OpContext, reader: &mut Reader, project: Option<&Name>) -> Result<Option<Project>, Error> {
    match project {
        Some(name) => find::project(op, reader, name, Action::ManageProject).await.map(Some),
        None => op.allow(Action::KeepWebhooks).map(|()| None),
    }
}

/// The webhook of this name with its project, if the caller keeps it.
///
/// # Errors
/// No such webhook, or none that the caller may see.
pub(super) async fn kept(op: &OpContext, reader: &mut Reader, name: &Name) -> Result<(Webhook, Option<Project>), Error> {
    let webhook = reader.webhook_by_name(name).await?.ok_or_else(|| Error::not_found("webhook", name))?;
    let project = project(reader, &webhook).await?;
    match keep(op, reader, project.as_ref().map(|project| &project.name)).await {
        Ok(_) => Ok((webhook, project)),
        // An auditor sees it, and so may hear why it cannot be changed. Others do not learn that it is there.
        Err(error) if op.allow(Action::ReadAudit).is_ok() => Err(error),
        Err(_) => Err(Error::not_found("webhook", name)),
    }
}

/// The webhook of this name with its project, if the caller may see it.
///
/// # Errors
/// As [`kept`], but not for auditors.
pub(super) async fn seen(op: &OpContext, reader: &mut Reader, name: &Name) -> Result<(Webhook, Option<Project>), Error> {
    if op.allow(Action::ReadAudit).is_err() {
        return kept(op, reader, name).await;
    }
    let webhook = reader.webhook_by_name(name).await?.ok_or_else(|| Error::not_found("webhook", name))?;
    let project = project(reader, &webhook).await?;
    Ok((webhook, project))
}

/// The project of a webhook.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn project(reader: &mut Reader, webhook: &Webhook) -> Result<Option<Project>, Error> {
    match webhook.project_id {
        Some(id) => reader.project(id).await?.map(Some).ok_or_else(|| Error::internal("the project of a webhook is gone")),
        None => Ok(None),
    }
}
