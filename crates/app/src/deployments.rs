//! Showing deployments: what is in service, on what ground, and whether it may go on.

use crate::{
    Error, OpContext, Page,
    find::{self, Found},
    governance, health, lapse, nodes,
    views::{self, List},
};
use domain::{
    DeploymentId, Name, UserId,
    access::{Action, Scope},
    deployment::{PolicyStanding, RevisionKind},
};
use std::collections::HashMap;
use store::{Deployment, Infrastructure, Reader, Revision, WholeDeployment, WholeShare};

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
    let deployments = reader.whole_deployments(infrastructure.id, &page.after, page.limit() + 1).await?;
    let mut desk = Desk::open(op, &mut reader, &infrastructure, &deployments, Vec::new()).await?;
    let mut items = Vec::new();
    for deployment in &deployments {
        items.push(desk.view(deployment, &[]).await?);
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
    view(op, &mut reader, &infrastructure, service).await
}

/// A deployment as it is shown, with its history.
///
/// # Errors
/// No such deployment.
pub(crate) async fn view(
    op: &OpContext,
    reader: &mut Reader,
    infrastructure: &Infrastructure,
    service: &Name,
) -> Result<views::Deployment, Error> {
    let deployment = reader.whole_deployment(infrastructure.id, service).await?;
    let deployment =
        deployment.ok_or_else(|| Error::not_found("deployment", format_args!("{}/{service}", infrastructure.name)))?;
    let history = reader.revisions(deployment.0.id, HISTORY).await?;
    let mut desk = Desk::open(op, reader, infrastructure, std::slice::from_ref(&deployment), history.clone()).await?;
    desk.view(&deployment, &history).await
}

/// Everything about some deployments that is read at once, however many they are.
struct Desk<'a> {
    op: &'a OpContext,
    reader: &'a mut Reader,
    infrastructure: &'a Infrastructure,
    nodes: Vec<views::Node>,
    shares: HashMap<(DeploymentId, u32), Vec<WholeShare>>,
    names: HashMap<UserId, String>,
}

impl<'a> Desk<'a> {
    /// `history` are revisions that are shown besides those in force.
    async fn open(
        op: &'a OpContext,
        reader: &'a mut Reader,
        infrastructure: &'a Infrastructure,
        deployments: &[WholeDeployment],
        history: Vec<Revision>,
    ) -> Result<Self, Error> {
        let nodes = nodes::all(op, reader, infrastructure.id).await?;
        let back = u32::try_from(history.len()).unwrap_or(HISTORY);
        let mut shares: HashMap<_, Vec<_>> = HashMap::new();
        for share in reader.last_shares(deployments.iter().map(|(deployment, ..)| deployment.id), back).await? {
            shares.entry((share.0.deployment_id, share.0.revision)).or_default().push(share);
        }
        let revisions = deployments.iter().map(|(_, revision, ..)| revision).chain(&history);
        let users = reader.users_among(revisions.map(|revision| revision.created_by.uuid())).await?;
        let names = users.into_iter().map(|user| (user.id, user.display_name.to_string())).collect();
        Ok(Self { op, reader, infrastructure, nodes, shares, names })
    }

    async fn view(
        &mut self,
        (deployment, revision, model, project): &WholeDeployment,
        history: &[Revision],
    ) -> Result<views::Deployment, Error> {
        let stopped = revision.kind == RevisionKind::Stop;
        let revision = self.revision(revision, true).await?;
        let mut earlier = Vec::new();
        for revision in history {
            earlier.push(self.revision(revision, false).await?);
        }
        let worst = revision.shares.iter().filter_map(|share| share.standing).max();
        let standing = if stopped { "stopped" } else { worst.unwrap_or(PolicyStanding::Disabled).as_str() };
        Ok(views::Deployment {
            infrastructure: self.infrastructure.name.clone(),
            service: deployment.service.clone(),
            model: format!("{}/{}", project.name, model.name),
            standing: standing.to_owned(),
            health: health::of(self.op, &deployment.service, &revision, &self.nodes),
            revision,
            history: earlier,
        })
    }

    async fn revision(&mut self, revision: &Revision, in_force: bool) -> Result<views::Revision, Error> {
        let mut shares = Vec::new();
        for share in self.shares.get(&(revision.deployment_id, revision.number)).into_iter().flatten() {
            let (share, permit, version, model, project, round) = share.clone();
            let found = Found::of((version, model, project, round));
            let (standing, reason) = match in_force {
                true => {
                    let (standing, reason) =
                        lapse::standing(self.op, self.reader, &found, share.basis, self.infrastructure).await?;
                    (Some(standing), reason)
                }
                false => (None, None),
            };
            // What was taken out of service has no permit to show, even while the signed one has not ended.
            let permit = standing.is_some_and(|standing| standing != PolicyStanding::Disabled).then_some(permit);
            shares.push(views::Share {
                version: found.name,
                weight: share.weight,
                model_digest: share.model_digest,
                basis: share.basis,
                standing,
                reason,
                permit: permit.as_ref().map(governance::statement_view).transpose()?,
            });
        }
        let by = self.names.get(&revision.created_by).cloned().unwrap_or_else(|| revision.created_by.to_string());
        Ok(views::Revision {
            number: revision.number,
            kind: revision.kind,
            shares,
            answer: revision.answer.clone().map(|answer| answer.0),
            acknowledgement: revision.acknowledgement.clone(),
            by,
            at: revision.created_at,
        })
    }
}
