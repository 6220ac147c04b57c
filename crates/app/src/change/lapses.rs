//! The deployments that the end of an approval puts out of policy.

use crate::{Error, OpContext, base::governed_version::GovernedVersion, gate::candidate};
use domain::{
    deployment::{self, PolicyStanding},
    event::Event,
    gate::lacking,
};
use store::{About, Writer};

/// An event for each deployment that needed the approval of this version, which has just ended.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn lapses(op: &OpContext, tx: &mut Writer, version: &GovernedVersion) -> Result<Vec<(Event, About)>, Error> {
    let mut lapses = Vec::new();
    let lacks = lacking(&candidate::candidate(op, version, None), op.now);
    for (deployment, share) in tx.serving(version.version.id).await? {
        let Some(infrastructure) = tx.infrastructure(deployment.infrastructure_id).await? else {
            continue;
        };
        let standing = deployment::standing(share.basis, lacks.as_ref(), infrastructure.policy, infrastructure.on_lapse);
        if standing == PolicyStanding::InPolicy {
            continue;
        }
        let event = Event::DeploymentLapsed {
            infrastructure: infrastructure.name,
            service: deployment.service,
            version: version.name.clone(),
            standing,
        };
        lapses.push((event, About { infrastructure: Some(infrastructure.id), ..version.about() }));
    }
    Ok(lapses)
}
