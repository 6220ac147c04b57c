//! Records for each deployment, at once, that the end of an approval puts the deployment out of policy.

use super::{door, subject::Subject};
use crate::{Error, OpContext, base::governed_version::GovernedVersion, gate::candidate};
use domain::{
    deployment::{self, PolicyStanding},
    event::Event,
    gate::lacking,
};
use store::{About, Writer};

/// Records the deployments that needed the approval of this version, which has just ended.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn record(op: &OpContext, tx: &mut Writer, version: &GovernedVersion) -> Result<(), Error> {
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
        let subject = Subject::Ids(About { infrastructure: Some(infrastructure.id), ..version.about() });
        Box::pin(door::record(op, tx, subject, event)).await?;
    }
    Ok(())
}
