//! What the gate would say of a deployment, and what the deployment would change. Nothing is kept or recorded.

use crate::{
    Error, OpContext,
    base::find,
    deployments::{self, revise::part},
    infrastructures,
    views::{Forecast, ForecastVersion, ShareRequest},
};
use domain::{
    Name,
    access::{Action, Scope},
    gate,
};

/// The most versions that are looked at.
const MOST: usize = 100;

/// What the gate would say now of a service with these versions, and what the service serves now.
///
/// # Errors
/// No such infrastructure or version; not a deployer; too many versions.
pub async fn forecast(op: &OpContext, infrastructure: &Name, service: &Name, shares: &[ShareRequest]) -> Result<Forecast, Error> {
    op.needs(Scope::Deploy)?;
    if shares.len() > MOST {
        return Err(Error::invalid("/shares", format!("a service shares its requests among at most {MOST} versions")));
    }
    let mut reader = op.read().await?;
    let row = find::infrastructure(op, &mut reader, infrastructure, Action::Deploy).await?;
    let present = match reader.deployment_by_name(row.id, service).await? {
        Some(_) => Some(deployments::view::deployment(op, &mut reader, &row, service).await?),
        None => None,
    };
    let (mut versions, mut candidates) = (Vec::new(), Vec::new());
    for share in shares {
        let found = find::any_version(&mut reader, &share.version).await?;
        let approved_until = found.approval_ends(op.now).min();
        let part = part(op, &mut reader, found, share.weight.unwrap_or(100)).await?;
        let candidate = part.candidate();
        let in_force = gate::lacking(candidate, &row.accepts.0, op.now).is_none();
        let model_digest = candidate.model_digest;
        versions.push(ForecastVersion { version: share.version.clone(), model_digest, in_force, approved_until });
        if share.weight != Some(0) {
            candidates.push(candidate.clone());
        }
    }
    let answer = (!candidates.is_empty()).then(|| gate::check(row.policy, &row.accepts.0, &candidates, op.now));
    let infrastructure = infrastructures::view::infrastructure(op, &mut reader, &row).await?;
    Ok(Forecast { infrastructure, present, versions, answer })
}
