//! Builds the view of a deployment: versions in service, their basis, and their standing.

use crate::{
    Error, OpContext,
    base::{
        governed_version::{self, VersionShare},
        signed_decisions::SignedDecisions,
    },
    change::statements,
    deployments::{health, lapse},
    serving::nodes,
    views,
};
use domain::{
    DeploymentId, Name, UserId,
    deployment::{LapseAcknowledgement, PolicyStanding, RevisionKind},
};
use std::collections::HashMap;
use store::{Infrastructure, PastShare, Reader, Revision, WholeDeployment};

/// How many revisions are shown.
const HISTORY: u32 = 50;

/// A deployment as it is shown, with its history.
///
/// # Errors
/// No such deployment.
pub(crate) async fn deployment(
    op: &OpContext,
    reader: &mut Reader,
    infrastructure: &Infrastructure,
    service: &Name,
) -> Result<views::Deployment, Error> {
    let deployment = reader.whole_deployment(infrastructure.id, service).await?;
    let deployment =
        deployment.ok_or_else(|| Error::not_found("deployment", format_args!("{}/{service}", infrastructure.name)))?;
    let history = reader.revisions(deployment.0.id, HISTORY).await?;
    let mut past: HashMap<_, Vec<_>> = HashMap::new();
    if let Some(oldest) = history.last() {
        for share in reader.past_shares(deployment.0.id, oldest.number).await? {
            past.entry(share.revision).or_default().push(past_share(share));
        }
    }
    let mut desk = Desk::open(op, reader, infrastructure, std::slice::from_ref(&deployment), &history).await?;
    let earlier = history.iter().map(|revision| desk.revision(revision, past.remove(&revision.number).unwrap_or_default()));
    let earlier = earlier.collect();
    desk.view(&deployment, earlier).await
}

/// What an earlier revision served; whether it is in policy is asked of the one in force only.
fn past_share(share: PastShare) -> views::Share {
    let PastShare { revision: _, version, weight, model_digest, basis } = share;
    views::Share { version, weight, model_digest, basis, standing: None, approved_until: None, reason: None, permit: None }
}

/// Everything about some deployments that is read at once, however many they are.
pub(crate) struct Desk<'a> {
    op: &'a OpContext,
    reader: &'a mut Reader,
    infrastructure: &'a Infrastructure,
    nodes: Vec<views::Node>,
    /// Those of the revisions in force.
    shares: HashMap<DeploymentId, Vec<VersionShare>>,
    decisions: SignedDecisions,
    names: HashMap<UserId, String>,
}

impl<'a> Desk<'a> {
    /// `history` are revisions that are shown besides those in force.
    pub async fn open(
        op: &'a OpContext,
        reader: &'a mut Reader,
        infrastructure: &'a Infrastructure,
        deployments: &[WholeDeployment],
        history: &[Revision],
    ) -> Result<Self, Error> {
        let nodes = nodes::all(op, reader, infrastructure.id).await?;
        let mut shares: HashMap<_, Vec<_>> = HashMap::new();
        let rows = reader.last_shares(deployments.iter().map(|(deployment, ..)| deployment.id), 0).await?;
        for share in governed_version::shares(rows) {
            shares.entry(share.0.deployment_id).or_default().push(share);
        }
        let served = shares.values().flatten().map(|(share, ..): &VersionShare| share.version_id);
        let decisions = SignedDecisions::of(op, reader, served).await?;
        let revisions = deployments.iter().map(|(_, revision, ..)| revision).chain(history);
        let users = reader.users_among(revisions.map(|revision| revision.created_by.uuid())).await?;
        let names = users.into_iter().map(|user| (user.id, user.display_name.to_string())).collect();
        Ok(Self { op, reader, infrastructure, nodes, shares, decisions, names })
    }

    pub async fn view(
        &mut self,
        (deployment, revision, model, project): &WholeDeployment,
        history: Vec<views::Revision>,
    ) -> Result<views::Deployment, Error> {
        let stopped = revision.kind == RevisionKind::Stop;
        let shares = self.shares_in_force(deployment.id).await?;
        let revision = self.revision(revision, shares);
        let worst = revision.shares.iter().filter_map(|share| share.standing).max();
        let because: Vec<_> = revision.shares.iter().filter_map(|share| share.reason.clone()).collect();
        let acknowledged = deployment.lapse_acknowledged.as_ref().map(|known| &known.0);
        let lapse_acknowledged = acknowledged
            .filter(|known| known.counts(revision.number, &because, self.op.now))
            .map(|known| self.acknowledged(known));
        let standing = if stopped { "stopped" } else { worst.unwrap_or(PolicyStanding::Disabled).as_str() };
        Ok(views::Deployment {
            infrastructure: self.infrastructure.name.clone(),
            service: deployment.service.clone(),
            model: format!("{}/{}", project.name, model.name),
            standing: standing.to_owned(),
            health: health::of(self.op, &deployment.service, &revision, &self.nodes),
            revision,
            history,
            lapse_acknowledged,
        })
    }

    fn acknowledged(&self, known: &LapseAcknowledgement) -> views::LapseAcknowledged {
        let act = &known.act;
        let present = || self.names.get(&act.by).cloned().unwrap_or_else(|| act.by.to_string());
        let by = act.signatory.as_ref().map_or_else(present, |signatory| signatory.display_name.to_string());
        views::LapseAcknowledged { by, at: act.at, reason: act.comment.clone().unwrap_or_default(), until: known.until }
    }

    async fn shares_in_force(&mut self, deployment: DeploymentId) -> Result<Vec<views::Share>, Error> {
        let mut shares = Vec::new();
        for (share, permit, found) in self.shares.remove(&deployment).unwrap_or_default() {
            let (standing, reason) =
                lapse::standing(self.op, self.reader, &found, &self.decisions, share.basis, self.infrastructure).await?;
            // What was taken out of service has no permit to show, even while the signed one has not ended.
            let permit = (standing != PolicyStanding::Disabled).then_some(permit);
            shares.push(views::Share {
                approved_until: found.approval_ends(self.op.now).min(),
                version: found.name,
                weight: share.weight,
                model_digest: share.model_digest,
                basis: share.basis,
                standing: Some(standing),
                reason,
                permit: permit.as_ref().map(statements::view).transpose()?,
            });
        }
        Ok(shares)
    }

    fn revision(&self, revision: &Revision, shares: Vec<views::Share>) -> views::Revision {
        let present = || self.names.get(&revision.created_by).cloned().unwrap_or_else(|| revision.created_by.to_string());
        let signatory = revision.signatory.as_ref().map(|signatory| &signatory.0);
        let by = signatory.map_or_else(present, |signatory| signatory.display_name.to_string());
        views::Revision {
            number: revision.number,
            kind: revision.kind,
            shares,
            answer: revision.answer.clone().map(|answer| answer.0),
            acknowledgement: revision.acknowledgement.clone(),
            by,
            account: signatory.map(|signatory| signatory.account.clone()),
            credential: signatory.map(|signatory| signatory.credential),
            at: revision.created_at,
        }
    }
}
