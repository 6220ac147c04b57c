//! Loads the gate's facts.

use crate::{
    Error, OpContext,
    base::{
        cache::gate_facts::GateFacts, find, governed_version::GovernedVersion, signed_decisions::SignedDecisions, standing,
        version_people,
    },
    change::statements,
    gate::{
        candidate,
        same_bytes::{Readers, WordsOnBytes},
    },
    views::{GateRequest, StatementView},
};
use domain::{
    Digest, GroupId, VersionRef,
    access::{Access, Action, Standing},
    gate::{self, Candidate},
    signoff::{SignOff, Status},
};
use std::collections::BTreeSet;
use store::{About, Infrastructure, Reader};

/// How many versions with the same bytes an answer from memory may rest on.
const MOST_REMEMBERED: u32 = 100;

pub(crate) async fn load(
    op: &OpContext,
    reader: &mut Reader,
    request: &GateRequest,
    name: Option<VersionRef>,
    readers: Readers,
) -> Result<GateFacts, Error> {
    let groups = standing::groups(op, reader).await?;
    let (place, action) = (&request.infrastructure, Action::SeeInfrastructure);
    let (infrastructure, on_infrastructure) = find::infrastructure_with_standing(op, reader, &groups, place, action).await?;
    let asker = Asker { groups, on_infrastructure };
    let found = match (&name, request.digest) {
        (Some(name), _) => {
            let found = find::any_version(reader, name).await?;
            if !asker.may_ask(op, reader, &found).await? {
                return Err(Error::not_found("version", name));
            }
            Some(found)
        }
        (None, Some(digest)) => by_digest(op, reader, &infrastructure, &asker, digest).await?,
        (None, None) => None,
    };
    let Some(found) = found else {
        let digest = request.digest.ok_or_else(|| Error::invalid("/digest", "name a version or a `digest`"))?;
        let same_bytes = WordsOnBytes::on(op, reader, digest).await?.besides(op, reader, None, readers).await?;
        let candidate = Candidate {
            name: format!("sha256:{digest}"),
            model_digest: digest,
            retired: false,
            project: None,
            signoffs: Vec::new(),
            same_bytes,
            by_digest: true,
        };
        return Ok(GateFacts {
            infrastructure: infrastructure.name,
            policy: infrastructure.policy,
            accepts: infrastructure.accepts.0,
            candidate,
            same_bytes: None,
            version: None,
            version_id: None,
            about: About::default(),
            permit: None,
            until: None,
        });
    };
    let decisions = SignedDecisions::of(op, reader, [found.version.id]).await?;
    let mut candidate = candidate::candidate(op, &found, &decisions, None);
    candidate.model_digest = request.digest.unwrap_or(candidate.model_digest);
    candidate.by_digest = name.is_none();
    let words = WordsOnBytes::on(op, reader, candidate.model_digest).await?;
    candidate.same_bytes = words.besides(op, reader, Some(&found), readers).await?;
    // Only an answer that something is missing names the people who can act.
    if gate::lacking(&candidate, &infrastructure.accepts.0, op.now).is_some() {
        let people = version_people::load(op, reader, &found, &[]).await?;
        candidate.signoffs = candidate::candidate(op, &found, &decisions, Some(&people)).signoffs;
    }
    let with_bytes = reader.versions_with_bytes(candidate.model_digest, MOST_REMEMBERED + 1).await?;
    let same_bytes = candidate.model_digest == found.version.model_digest;
    let permit = match standing::granted(&asker.on_infrastructure, Action::ReadDeployments) && same_bytes {
        true => permit(reader, &found, &infrastructure).await?,
        false => None,
    };
    let delegations =
        found.signoffs().flat_map(SignOff::rounds).filter_map(SignOff::review).flat_map(|review| &review.delegations);
    // Once an approval has ended, the answer names people; and asked by digest, another version may speak for the bytes.
    let ends = candidate.signoffs.iter().filter_map(|signoff| signoff.not_after);
    let delegated = delegations.filter_map(|delegation| delegation.until);
    let until = delegated.chain(ends).filter(|until| op.now < *until).min();
    Ok(GateFacts {
        infrastructure: infrastructure.name,
        policy: infrastructure.policy,
        accepts: infrastructure.accepts.0,
        candidate,
        same_bytes: (with_bytes.len() <= MOST_REMEMBERED as usize).then_some(with_bytes),
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

/// Who asks.
struct Asker {
    groups: BTreeSet<GroupId>,
    on_infrastructure: Standing,
}

impl Asker {
    /// A role on the infrastructure is enough, and so is seeing the project.
    async fn may_ask(&self, op: &OpContext, reader: &mut Reader, found: &GovernedVersion) -> Result<bool, Error> {
        let in_project = standing::project_standing_of(op, reader, &self.groups, &found.project, found.signoffs()).await?;
        let standing = Standing { infrastructure: self.on_infrastructure.infrastructure.clone(), ..in_project };
        Ok(standing.may(Action::AskGate) == Access::Granted)
    }
}

/// The version with these bytes that speaks best for them: the approval covers bytes, so one in force is enough, if no word against
/// these bytes is newer.
async fn by_digest(
    op: &OpContext,
    reader: &mut Reader,
    infrastructure: &Infrastructure,
    asker: &Asker,
    digest: Digest,
) -> Result<Option<GovernedVersion>, Error> {
    let mut best: Option<GovernedVersion> = None;
    let all = GovernedVersion::many(reader.whole_versions_by_digest(digest).await?);
    let decisions = SignedDecisions::of(op, reader, all.iter().map(|found| found.version.id)).await?;
    let words = WordsOnBytes::on(op, reader, digest).await?;
    for found in all {
        if !asker.may_ask(op, reader, &found).await? {
            continue;
        }
        let candidate = candidate::candidate(op, &found, &decisions, None);
        let same_bytes = words.besides(op, reader, Some(&found), Readers::Record).await?;
        let candidate = Candidate { same_bytes, by_digest: true, ..candidate };
        if gate::lacking(&candidate, &infrastructure.accepts.0, op.now).is_none() {
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
