//! What a change of the policy would do now to what is in service. Nothing is kept.

use crate::{
    Error, OpContext,
    base::{
        find,
        governed_version::{self, VersionShare},
        signed_decisions::SignedDecisions,
    },
    deployments::lapse,
    infrastructures::accepts,
    views::{PolicyPreview, PolicyPreviewRequest, StandingChange},
};
use domain::{
    Name,
    access::{Action, Scope},
    deployment::PolicyStanding,
};
use std::collections::HashMap;
use store::{Infrastructure, Json, Reader};

/// How many deployments are read at once.
const AT_ONCE: u32 = 200;

/// What each of these changes would do now, each by itself.
///
/// # Errors
/// Not an admin of the infrastructure; a project that does not exist.
pub async fn preview(op: &OpContext, name: &Name, requests: &[PolicyPreviewRequest]) -> Result<Vec<PolicyPreview>, Error> {
    op.needs(Scope::Administer)?;
    let mut reader = op.read().await?;
    let before = find::infrastructure(op, &mut reader, name, Action::ManageInfrastructure).await?;
    let mut tried = Vec::new();
    for request in requests {
        let to = accepts::changed(&mut reader, &before.accepts.0, request.projects.clone(), request.independent_approval).await?;
        let on_lapse = request.on_lapse.unwrap_or(before.on_lapse);
        let weakens = accepts::weakens((before.policy, before.on_lapse, &before.accepts.0), (request.policy, on_lapse, &to));
        let after = Infrastructure { policy: request.policy, on_lapse, accepts: Json(to), ..before.clone() };
        tried.push((after, PolicyPreview { weakens, changes: Vec::new() }));
    }
    let mut last = String::new();
    loop {
        let deployments = reader.whole_deployments(before.id, &last, AT_ONCE).await?;
        let Some((deployment, ..)) = deployments.last() else { break };
        last = deployment.service.to_string();
        let names: HashMap<_, _> = deployments.iter().map(|(row, ..)| (row.id, row.service.clone())).collect();
        let shares = governed_version::shares(reader.last_shares(names.keys().copied(), 0).await?);
        let decisions = SignedDecisions::of(op, &mut reader, shares.iter().map(|(share, ..)| share.version_id)).await?;
        for share in &shares {
            let Some(service) = names.get(&share.0.deployment_id) else { continue };
            let now = standing(op, &mut reader, share, &decisions, &before).await?;
            for (after, preview) in &mut tried {
                let then = standing(op, &mut reader, share, &decisions, after).await?;
                if now != then {
                    let (service, version) = (service.clone(), share.2.name.clone());
                    preview.changes.push(StandingChange { service, version, now, then });
                }
            }
        }
    }
    let previews = tried.into_iter().map(|(_, mut preview)| {
        preview.changes.sort_by(|one, other| (&one.service, &one.version.number).cmp(&(&other.service, &other.version.number)));
        preview
    });
    Ok(previews.collect())
}

async fn standing(
    op: &OpContext,
    reader: &mut Reader,
    (share, _, found): &VersionShare,
    decisions: &SignedDecisions,
    infrastructure: &Infrastructure,
) -> Result<PolicyStanding, Error> {
    Ok(lapse::standing(op, reader, found, decisions, share.basis, infrastructure).await?.0)
}
