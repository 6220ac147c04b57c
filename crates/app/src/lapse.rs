//! What a lapse does to running deployments: records for each one, at once, that it is out of policy.

use crate::{Error, OpContext, find::Found, gate};
use domain::{deployment, event::Event, gate::lacking};
use store::{About, Writer};

/// Records the deployments that rested on the approval of this version, which no longer is in force.
pub(crate) async fn tell(op: &OpContext, tx: &mut Writer, found: &Found) -> Result<(), Error> {
    let candidate = gate::candidate(op, found, None);
    let lacks = lacking(&candidate, op.now);
    for (deployment, share) in tx.serving(found.version.id).await? {
        let Some(infrastructure) = tx.infrastructure(deployment.infrastructure_id).await? else {
            continue;
        };
        let standing = deployment::standing(share.basis, lacks.as_ref(), infrastructure.policy, infrastructure.on_lapse);
        if share.basis != deployment::Basis::Approved || standing == deployment::PolicyStanding::InPolicy {
            continue;
        }
        let event = Event::DeploymentLapsed {
            infrastructure: infrastructure.name,
            service: deployment.service,
            version: found.name.clone(),
            standing,
        };
        tx.record(event, About { infrastructure: Some(infrastructure.id), ..found.about() });
    }
    Ok(())
}
