//! Counts the deployments out of policy that the caller may see, but for those of which somebody has said that they are known. Every page asks for the number, so the server remembers it until an event
//! is recorded or an approval ends.

use crate::{
    Error, OpContext,
    base::{cache::out_of_policy::OutOfPolicy, governed_version, signed_decisions::SignedDecisions, standing},
    deployments::lapse,
};
use domain::access::{Action, Scope};
use std::collections::HashMap;
use store::{Infrastructure, Reader};

/// How many infrastructures or deployments are read at once.
const AT_ONCE: u32 = 200;

/// How many deployments that the caller may see are out of policy, and nobody has acknowledged it.
///
/// # Errors
/// When nobody is signed in.
pub async fn count(op: &OpContext) -> Result<u64, Error> {
    op.needs(Scope::Read)?;
    let user = op.user()?.id;
    let size = match op.seen {
        Some(size) => size,
        None => op.cache.log_size(&op.store).await?,
    };
    if let Some(known) = op.cache.out_of_policy(size, user, op.now) {
        return Ok(known.count);
    }
    let mut reader = op.read().await?;
    let size = reader.log_size().await?;
    let (mut all, mut after) = (OutOfPolicy::default(), String::new());
    loop {
        let infrastructures = reader.infrastructures(&after, AT_ONCE).await?;
        let Some(last) = infrastructures.last() else { break };
        after = last.name.to_string();
        for infrastructure in &infrastructures {
            let standing = standing::infrastructure_standing(op, &mut reader, infrastructure).await?;
            if standing::granted(&standing, Action::ReadDeployments) {
                add(op, &mut reader, infrastructure, &mut all).await?;
            }
        }
    }
    op.cache.keep_out_of_policy(size, user, all);
    Ok(all.count)
}

/// How many deployments of all infrastructures are out of policy, and nobody has acknowledged it.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn count_all(op: &OpContext, reader: &mut Reader) -> Result<u64, Error> {
    let (mut all, mut after) = (OutOfPolicy::default(), String::new());
    loop {
        let infrastructures = reader.infrastructures(&after, AT_ONCE).await?;
        let Some(last) = infrastructures.last() else { return Ok(all.count) };
        after = last.name.to_string();
        for infrastructure in &infrastructures {
            add(op, reader, infrastructure, &mut all).await?;
        }
    }
}

/// Adds the deployments of one infrastructure.
async fn add(op: &OpContext, reader: &mut Reader, infrastructure: &Infrastructure, all: &mut OutOfPolicy) -> Result<(), Error> {
    let mut after = String::new();
    loop {
        let deployments = reader.whole_deployments(infrastructure.id, &after, AT_ONCE).await?;
        let Some((last, ..)) = deployments.last() else { return Ok(()) };
        after = last.service.to_string();
        let rows = reader.last_shares(deployments.iter().map(|(deployment, ..)| deployment.id), 0).await?;
        let shares = governed_version::shares(rows);
        let decisions = SignedDecisions::of(op, reader, shares.iter().map(|(share, ..)| share.version_id)).await?;
        let mut reasons: HashMap<_, Vec<String>> = HashMap::new();
        for (share, _, found) in &shares {
            let (_, reason) = lapse::standing(op, reader, found, &decisions, share.basis, infrastructure).await?;
            if let Some(reason) = reason {
                reasons.entry(share.deployment_id).or_default().push(reason);
            }
            all.until = all.until.into_iter().chain(found.approval_ends(op.now)).min();
        }
        for (deployment, ..) in &deployments {
            let Some(because) = reasons.get(&deployment.id) else { continue };
            match deployment.lapse_acknowledged.as_ref().map(|known| &known.0) {
                Some(known) if known.counts(deployment.current_revision, because, op.now) => {
                    all.until = all.until.into_iter().chain([known.until]).min();
                }
                _ => all.count += 1,
            }
        }
    }
}
