//! Deploys versions, if the gate lets them through. The check and the new revision commit in one transaction.

use crate::{
    Error, OpContext,
    base::find,
    deployments::{
        present,
        revise::{Part, Wish, part, revise},
    },
    views::{self, DeployRequest, Done, ShareRequest},
};
use domain::{
    Name,
    access::{Action, Scope},
    deployment::RevisionKind,
};
use store::Writer;

/// The most versions among which a service can share its requests: each has at least one percent.
const MOST_SHARES: usize = 100;

/// Puts versions into service, if the gate lets them through. A denial, and a warning that nobody acknowledged, are recorded.
///
/// # Errors
/// No such infrastructure or version; not a deployer; weights that do not add up; the gate's denial or warning.
pub async fn deploy(
    op: &OpContext,
    infrastructure: &Name,
    service: &Name,
    request: DeployRequest,
    expected: Option<&str>,
) -> Result<Done<views::Deployment>, Error> {
    op.needs(Scope::Deploy)?;
    if request.shares.len() > MOST_SHARES {
        return Err(Error::invalid("/shares", format!("a service shares its requests among at most {MOST_SHARES} versions")));
    }
    let (ref op, mut tx) = op.write().await?;
    let infrastructure = find::infrastructure(op, &mut tx, infrastructure, Action::Deploy).await?;
    let present = tx.deployment_by_name(infrastructure.id, service).await?;
    let repeats = present::expect_or_repeat(expected, present.as_ref())?;
    let parts = parts(op, &mut tx, &request.shares).await?;
    let wish = Wish { service, kind: RevisionKind::Deploy, parts, acknowledge: request.acknowledge.as_deref(), repeats };
    revise(op, tx, infrastructure, present, wish).await
}

/// The versions that a request names. A deployer may name any: what the gate says of it is all that they learn.
async fn parts(op: &OpContext, tx: &mut Writer, shares: &[ShareRequest]) -> Result<Vec<Part>, Error> {
    let mut parts = Vec::new();
    for (index, share) in shares.iter().enumerate() {
        let weight = match share.weight {
            Some(weight) => weight,
            None if shares.len() == 1 => 100,
            None => {
                return Err(Error::invalid(
                    format!("/shares/{index}/weight"),
                    "with several versions each needs a weight; together they make 100",
                ));
            }
        };
        let found = find::any_version(tx, &share.version).await.map_err(|error| error.at(format!("/shares/{index}/version")))?;
        parts.push(part(op, tx, found, weight).await?);
    }
    Ok(parts)
}
