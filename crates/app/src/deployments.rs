//! Showing deployments: what is in service, on what ground, and whether it may go on.

use crate::{
    Error, OpContext, Page, find, governance, health, lapse, nodes,
    views::{self, List},
};
use domain::{
    Name,
    access::{Action, Scope},
    deployment::{PolicyStanding, RevisionKind},
};
use store::{Deployment, Infrastructure, Reader, Revision};

/// How many revisions are shown.
const HISTORY: u32 = 50;

/// The tag of a deployment's present state.
pub(crate) fn tag(deployment: &Deployment) -> String {
    format!("d{}", deployment.current_revision)
}

/// The deployments of an infrastructure.
///
/// # Errors
/// No such infrastructure; no role on it.
pub async fn list(op: &OpContext, infrastructure: &Name, page: &Page) -> Result<List<views::Deployment>, Error> {
    op.needs(Scope::Read)?;
    let mut reader = op.read().await?;
    let infrastructure = find::infrastructure(op, &mut reader, infrastructure, Action::ReadDeployments).await?;
    let nodes = nodes::all(op, &mut reader, infrastructure.id).await?;
    let mut items = Vec::new();
    for deployment in reader.deployments(infrastructure.id, &page.after, page.limit() + 1).await? {
        items.push(view_beside(op, &mut reader, &infrastructure, &deployment, &nodes, false).await?);
    }
    Ok(List::page(items, page.limit(), |item| item.service.to_string()))
}

/// One deployment with its history.
///
/// # Errors
/// No such deployment; no role on the infrastructure.
pub async fn show(op: &OpContext, infrastructure: &Name, service: &Name) -> Result<views::Deployment, Error> {
    op.needs(Scope::Read)?;
    let mut reader = op.read().await?;
    let infrastructure = find::infrastructure(op, &mut reader, infrastructure, Action::ReadDeployments).await?;
    let deployment = reader.deployment_by_name(infrastructure.id, service).await?;
    let deployment =
        deployment.ok_or_else(|| Error::not_found("deployment", format_args!("{}/{service}", infrastructure.name)))?;
    view(op, &mut reader, &infrastructure, &deployment, true).await
}

/// A deployment as it is shown.
pub(crate) async fn view(
    op: &OpContext,
    reader: &mut Reader,
    infrastructure: &Infrastructure,
    deployment: &Deployment,
    with_history: bool,
) -> Result<views::Deployment, Error> {
    let nodes = nodes::all(op, reader, infrastructure.id).await?;
    view_beside(op, reader, infrastructure, deployment, &nodes, with_history).await
}

/// The same, where the nodes of the infrastructure are known.
async fn view_beside(
    op: &OpContext,
    reader: &mut Reader,
    infrastructure: &Infrastructure,
    deployment: &Deployment,
    nodes: &[views::Node],
    with_history: bool,
) -> Result<views::Deployment, Error> {
    let broken = |what: &str| Error::internal(std::io::Error::other(format!("deployment {} has no {what}", deployment.id)));
    let model = reader.model(deployment.model_id).await?.ok_or_else(|| broken("model"))?;
    let project = reader.project(model.project_id).await?.ok_or_else(|| broken("project"))?;
    let revision = reader.revision(deployment.id, deployment.current_revision).await?.ok_or_else(|| broken("revision"))?;
    let stopped = revision.kind == RevisionKind::Stop;
    let revision = revision_view(op, reader, infrastructure, &revision, true).await?;
    let mut history = Vec::new();
    if with_history {
        for revision in reader.revisions(deployment.id, HISTORY).await? {
            history.push(revision_view(op, reader, infrastructure, &revision, false).await?);
        }
    }
    let worst = revision.shares.iter().filter_map(|share| share.standing).max();
    let standing = if stopped { "stopped" } else { worst.unwrap_or(PolicyStanding::Disabled).as_str() };
    Ok(views::Deployment {
        infrastructure: infrastructure.name.clone(),
        service: deployment.service.clone(),
        model: format!("{}/{}", project.name, model.name),
        standing: standing.to_owned(),
        health: health::of(op, &deployment.service, &revision, nodes),
        revision,
        history,
    })
}

async fn revision_view(
    op: &OpContext,
    reader: &mut Reader,
    infrastructure: &Infrastructure,
    revision: &Revision,
    in_force: bool,
) -> Result<views::Revision, Error> {
    let mut shares = Vec::new();
    for share in reader.shares(revision.deployment_id, revision.number).await? {
        let version = reader.version(share.version_id).await?.ok_or_else(|| Error::not_found("version", share.version_id))?;
        let found = find::belongings(reader, version).await?;
        let (standing, reason, permit) = if in_force {
            let (standing, reason) = lapse::standing(op, reader, &found, share.basis, infrastructure).await?;
            // What was taken out of service has no permit to show, even while the signed one has not ended.
            let permit = match standing {
                PolicyStanding::Disabled => None,
                PolicyStanding::InPolicy | PolicyStanding::OutOfPolicy => reader.statement(share.permit_id).await?,
            };
            (Some(standing), reason, permit.as_ref().map(governance::statement_view).transpose()?)
        } else {
            (None, None, None)
        };
        shares.push(views::Share {
            version: found.name,
            weight: share.weight,
            model_digest: share.model_digest,
            basis: share.basis,
            standing,
            reason,
            permit,
        });
    }
    Ok(views::Revision {
        number: revision.number,
        kind: revision.kind,
        shares,
        answer: revision.answer.clone().map(|answer| answer.0),
        acknowledgement: revision.acknowledgement.clone(),
        by: lapse::name_of(reader, revision.created_by).await?,
        at: revision.created_at,
    })
}
