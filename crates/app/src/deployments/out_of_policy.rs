//! What is out of policy on every infrastructure. Every page asks for the number of what its reader may see, so the server judges all that
//! is in service once for everybody, and remembers the result until an event is recorded or an approval ends.

use crate::{
    Error, OpContext,
    base::{
        cache::{
            out_of_policy::{OutOfPolicy, ServicesOf},
            places::Places,
        },
        governed_version::{self, VersionShare},
        signed_decisions::SignedDecisions,
        standing,
    },
    deployments::lapse,
};
use domain::{DeploymentId, InfrastructureId, access::Scope};
use std::{collections::HashMap, sync::Arc};
use store::{Deployment, Infrastructure, Reader};
use uuid::Uuid;

/// How many deployments are read at once.
const AT_ONCE: u32 = 200;

/// What is in service on the infrastructures whose deployments the caller may see.
pub(crate) struct InSight {
    places: Arc<Places>,
    all: Arc<OutOfPolicy>,
}

impl InSight {
    /// The services of an infrastructure; none where there is no service, or the caller may not see them.
    pub fn on(&self, infrastructure: InfrastructureId) -> Option<&ServicesOf> {
        self.all.places.get(&infrastructure).filter(|_| self.sees(infrastructure))
    }

    /// Whether the caller may see the deployments of an infrastructure.
    pub fn sees(&self, infrastructure: InfrastructureId) -> bool {
        self.places.has(infrastructure)
    }

    /// The services of each infrastructure that has some.
    pub fn all(&self) -> impl Iterator<Item = (InfrastructureId, &ServicesOf)> {
        self.all.places.iter().map(|(id, services)| (*id, services)).filter(|(id, _)| self.sees(*id))
    }
}

/// How many deployments that the caller may see are out of policy, and nobody has acknowledged it.
///
/// # Errors
/// When nobody is signed in.
pub async fn count(op: &OpContext) -> Result<u64, Error> {
    op.needs(Scope::Read)?;
    Ok(in_sight(op).await?.all().map(|(_, services)| services.unacknowledged).sum())
}

/// How many deployments of all infrastructures are out of policy, and nobody has acknowledged it.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn count_all(op: &OpContext) -> Result<u64, Error> {
    Ok(everywhere(op).await?.places.values().map(|services| services.unacknowledged).sum())
}

/// What the caller may see. Nobody may hold a reader meanwhile: all readers could wait here for the one that judges.
///
/// # Errors
/// When nobody is signed in.
pub(crate) async fn in_sight(op: &OpContext) -> Result<InSight, Error> {
    let (user, size) = (op.user()?.id, op.log_size().await?);
    let places = match op.cache.places_of(size, user) {
        Some(places) => places,
        None => {
            let mut reader = op.read().await?;
            // As large as the log is in this view: a request that comes later with an earlier size finds it all the same.
            let size = reader.log_size().await?;
            let places = Arc::new(standing::places(op, &mut reader).await?);
            op.cache.keep_places_of(size, user, Arc::clone(&places));
            places
        }
    };
    let all = if places.is_empty() { Arc::default() } else { everywhere(op).await? };
    Ok(InSight { places, all })
}

/// What is in service everywhere, judged now or remembered. Nobody may hold a reader meanwhile, as with [`in_sight`].
pub(crate) async fn everywhere(op: &OpContext) -> Result<Arc<OutOfPolicy>, Error> {
    let size = op.log_size().await?;
    if let Some(known) = op.cache.out_of_policy(size, op.now) {
        return Ok(known);
    }
    let _turn = op.cache.policy_line.turn().await?;
    // Another request may have judged meanwhile.
    if let Some(known) = op.cache.out_of_policy(size, op.now) {
        return Ok(known);
    }
    let (size, judged) = judge(op).await?;
    let judged = Arc::new(judged);
    op.cache.keep_out_of_policy(size, Arc::clone(&judged));
    Ok(judged)
}

/// All that is in service, and how large the log is in the view in which it was read.
async fn judge(op: &OpContext) -> Result<(u64, OutOfPolicy), Error> {
    let mut reader = op.read().await?;
    let size = reader.log_size().await?;
    let (mut all, mut after) = (OutOfPolicy::default(), DeploymentId::from_uuid(Uuid::nil()));
    loop {
        let deployments = reader.deployments_everywhere(after, AT_ONCE).await?;
        let Some((last, _)) = deployments.last() else { return Ok((size, all)) };
        after = last.id;
        add(op, &mut reader, &deployments, &mut all).await?;
        if deployments.len() < AT_ONCE as usize {
            return Ok((size, all));
        }
    }
}

/// Adds these deployments.
async fn add(
    op: &OpContext,
    reader: &mut Reader,
    deployments: &[(Deployment, Infrastructure)],
    all: &mut OutOfPolicy,
) -> Result<(), Error> {
    let rows = reader.last_shares(deployments.iter().map(|(deployment, _)| deployment.id), 0).await?;
    let shares = governed_version::shares(rows);
    let decisions = SignedDecisions::of(op, reader, shares.iter().map(|(share, ..)| share.version_id)).await?;
    let mut served: HashMap<_, Vec<VersionShare>> = HashMap::new();
    for share in shares {
        served.entry(share.0.deployment_id).or_default().push(share);
    }
    for (deployment, infrastructure) in deployments {
        let served = served.remove(&deployment.id).unwrap_or_default();
        let mut because = Vec::new();
        for (share, _, found) in &served {
            because.extend(lapse::standing(op, reader, found, &decisions, share.basis, infrastructure).await?.1);
            all.holds_until(found.approval_ends(op.now).min());
        }
        let acknowledged = deployment.lapse_acknowledged.as_ref().map(|known| &known.0);
        let acknowledged = acknowledged.filter(|known| known.counts(deployment.current_revision, &because, op.now));
        let place = all.places.entry(infrastructure.id).or_default();
        place.all += 1;
        place.serving += u64::from(!served.is_empty());
        if served.is_empty() {
            continue;
        }
        let model = all.models.entry(deployment.model_id).or_default();
        model.serving += 1;
        if !because.is_empty() {
            place.add(acknowledged.is_some(), deployment.service.clone(), deployment.id);
            model.add(acknowledged.is_some(), deployment.id);
            all.holds_until(acknowledged.map(|known| known.until));
        }
    }
    Ok(())
}
