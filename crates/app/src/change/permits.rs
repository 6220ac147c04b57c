//! New permits for versions in service, while the gate still lets the versions through.

use super::statements::{self, PermitFor};
use crate::{
    Error, OpContext,
    base::{governed_version::GovernedVersion, signed_decisions::SignedDecisions},
    gate::candidate,
};
use domain::{
    deployment::{self, Basis, PolicyStanding},
    event::Event,
    gate::lacking,
};
use store::{About, Deployment, ServingShare, Share, Writer};

/// Signs a new permit for a share of the revision in force, and gives the event to record. Without `anyway` only where the new permit ends
/// later than the old one. None where that is not called for.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn renew(
    op: &OpContext,
    tx: &mut Writer,
    found: &GovernedVersion,
    deployment: &Deployment,
    share: Share,
    anyway: bool,
) -> Result<Option<(Event, About)>, Error> {
    let (Some(old), Some(infrastructure), Some(revision)) = (
        tx.statement(share.permit_id).await?,
        tx.infrastructure(deployment.infrastructure_id).await?,
        tx.revision(deployment.id, share.revision).await?,
    ) else {
        return Ok(None);
    };
    let decisions = SignedDecisions::of(op, tx, [found.version.id]).await?;
    let lacks = lacking(&candidate::candidate(op, found, &decisions, None), &infrastructure.accepts.0, op.now);
    let standing = deployment::standing(share.basis, lacks.as_ref(), infrastructure.policy, infrastructure.on_lapse);
    let end = statements::permit_end(op, found, &infrastructure, share.basis);
    let is_later = old.not_after.is_some_and(|old| old < end);
    if standing != PolicyStanding::InPolicy || !(is_later || anyway) {
        return Ok(None);
    }
    let purpose = PermitFor {
        infrastructure: &infrastructure,
        service: &deployment.service,
        revision: share.revision,
        basis: share.basis,
        reason: revision.acknowledgement.as_deref().filter(|_| share.basis == Basis::Acknowledged),
    };
    let permit = statements::permit(op, tx, found, infrastructure.policy, &purpose).await?;
    tx.insert(&permit).await?;
    let event = Event::PermitRenewed {
        service: deployment.service.clone(),
        revision: share.revision,
        version: found.name.clone(),
        model_digest: found.version.model_digest,
        permit: permit.id,
        replaces: old.id,
        not_after: end,
    };
    tx.update(&Share { permit_id: permit.id, ..share }).await?;
    Ok(Some((event, About { infrastructure: Some(infrastructure.id), ..found.about() })))
}

/// The services in which a version rests on its approval.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn resting_on_approval(tx: &mut Writer, found: &GovernedVersion) -> Result<Vec<ServingShare>, Error> {
    let serving = tx.serving(found.version.id).await?;
    Ok(serving.into_iter().filter(|(_, share)| share.basis == Basis::Approved).collect())
}
