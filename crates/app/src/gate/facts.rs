//! Loads the gate's facts.

use crate::{
    Error, OpContext,
    base::{cache::gate_facts::GateFacts, find, governed_version::GovernedVersion, standing, version_people},
    change::statements,
    gate::candidate,
    views::{GateRequest, StatementView},
};
use domain::{
    Digest, VersionRef,
    access::{Access, Action, Standing},
    gate::{self, Candidate},
    signoff::Status,
};
use store::{About, Infrastructure, Reader};

pub(crate) async fn load(
    op: &OpContext,
    reader: &mut Reader,
    request: &GateRequest,
    name: Option<VersionRef>,
) -> Result<GateFacts, Error> {
    let infrastructure = find::infrastructure(op, reader, &request.infrastructure, Action::SeeInfrastructure).await?;
    let on_infrastructure = standing::infrastructure_standing(op, reader, &infrastructure).await?;
    let found = match (&name, request.digest) {
        (Some(name), _) => {
            let found = find::any_version(reader, name).await?;
            if !may_ask(op, reader, &on_infrastructure, &found).await? {
                return Err(Error::not_found("version", name));
            }
            Some(found)
        }
        (None, Some(digest)) => by_digest(op, reader, &on_infrastructure, digest).await?,
        (None, None) => None,
    };
    let Some(found) = found else {
        let digest = request.digest.ok_or_else(|| Error::invalid("/digest", "name a version or a `digest`"))?;
        let candidate =
            Candidate { name: format!("sha256:{digest}"), model_digest: digest, retired: false, signoffs: Vec::new() };
        return Ok(GateFacts {
            infrastructure: infrastructure.name,
            policy: infrastructure.policy,
            candidate,
            version: None,
            version_id: None,
            about: About::default(),
            permit: None,
            until: None,
        });
    };
    let people = version_people::load(op, reader, &found, &[]).await?;
    let mut candidate = candidate::candidate(op, &found, Some(&people));
    candidate.model_digest = request.digest.unwrap_or(candidate.model_digest);
    let same_bytes = candidate.model_digest == found.version.model_digest;
    let permit = match standing::granted(&on_infrastructure, Action::ReadDeployments) && same_bytes {
        true => permit(reader, &found, &infrastructure).await?,
        false => None,
    };
    let delegations = found.signoffs().filter_map(|signoff| signoff.review()).flat_map(|review| &review.delegations);
    // Asked by digest, another version may speak for the bytes once this one's approval has ended.
    let ends = candidate.signoffs.iter().filter_map(|signoff| signoff.not_after).filter(|_| name.is_none());
    let delegated = delegations.filter_map(|delegation| delegation.until);
    let until = delegated.chain(ends).filter(|until| op.now < *until).min();
    Ok(GateFacts {
        infrastructure: infrastructure.name,
        policy: infrastructure.policy,
        candidate,
        about: found.about(),
        version: Some(found.name),
        version_id: Some(found.version.id),
        permit,
        until,
    })
}

async fn permit(
    reader: &mut Reader,
    found: &GovernedVersion,
    infrastructure: &Infrastructure,
) -> Result<Option<StatementView>, Error> {
    let statement = reader.permit_in_service(found.version.id, infrastructure.id).await?;
    statement.as_ref().map(statements::view).transpose()
}

/// A role on the infrastructure is enough, and so is seeing the project.
async fn may_ask(
    op: &OpContext,
    reader: &mut Reader,
    on_infrastructure: &Standing,
    found: &GovernedVersion,
) -> Result<bool, Error> {
    let in_project = standing::project_standing(op, reader, &found.project, found.signoffs()).await?;
    let standing = Standing { infrastructure: on_infrastructure.infrastructure.clone(), ..in_project };
    Ok(standing.may(Action::AskGate) == Access::Granted)
}

/// The version with these bytes that speaks best for them: the approval covers bytes, so one in force is enough.
async fn by_digest(
    op: &OpContext,
    reader: &mut Reader,
    on_infrastructure: &Standing,
    digest: Digest,
) -> Result<Option<GovernedVersion>, Error> {
    let mut best: Option<GovernedVersion> = None;
    for found in GovernedVersion::many(reader.whole_versions_by_digest(digest).await?) {
        if !may_ask(op, reader, on_infrastructure, &found).await? {
            continue;
        }
        if gate::lacking(&candidate::candidate(op, &found, None), op.now).is_none() {
            return Ok(Some(found));
        }
        if best.as_ref().is_none_or(|best| promise(&found) > promise(best)) {
            best = Some(found);
        }
    }
    Ok(best)
}

/// How near to an approval a version is whose approval is not in force: of several with the same bytes, the nearest one says best
/// what is missing.
fn promise(found: &GovernedVersion) -> u8 {
    match found.signoff().status() {
        _ if found.version.retired.is_some() => 0,
        Status::WaitingForApproval => 4,
        Status::WaitingForFeedback => 3,
        Status::NotStarted => 2,
        Status::Approved | Status::Expired => 1,
        Status::Rejected | Status::Abandoned | Status::Revoked => 0,
    }
}
