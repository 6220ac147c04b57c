//! The deployments that the end of an approval puts out of policy.

use crate::{
    Error, OpContext,
    base::{governed_version::GovernedVersion, signed_decisions::SignedDecisions},
    gate::candidate,
    views::LapsedService,
};
use domain::{
    InfrastructureId,
    deployment::{self, PolicyStanding},
    gate::lacking,
};
use store::Reader;

/// The deployments that need the approval of this version, which has ended, or would end.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn lapses(
    op: &OpContext,
    reader: &mut Reader,
    version: &GovernedVersion,
) -> Result<Vec<(InfrastructureId, LapsedService)>, Error> {
    let mut lapses = Vec::new();
    let decisions = SignedDecisions::of(op, reader, [version.version.id]).await?;
    let candidate = candidate::candidate(op, version, &decisions, None);
    for (deployment, share) in reader.serving(version.version.id).await? {
        let Some(infrastructure) = reader.infrastructure(deployment.infrastructure_id).await? else {
            continue;
        };
        let lacks = lacking(&candidate, &infrastructure.accepts.0, op.now);
        let standing = deployment::standing(share.basis, lacks.as_ref(), infrastructure.policy, infrastructure.on_lapse);
        if standing != PolicyStanding::InPolicy {
            let service = LapsedService { infrastructure: infrastructure.name, service: deployment.service, standing };
            lapses.push((infrastructure.id, service));
        }
    }
    Ok(lapses)
}
