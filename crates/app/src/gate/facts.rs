//! Loads the gate's facts.

use crate::{
    Error, OpContext,
    base::{cache::gate_facts::GateFacts, governed_version::GovernedVersion, signed_decisions::SignedDecisions, version_people},
    change::statements,
    gate::{
        asker::Asker,
        candidate,
        same_bytes::{MOST, Readers, WordsOnBytes},
    },
    views::GateRequest,
};
use domain::{
    Digest, VersionRef,
    gate::{self, Candidate},
    signoff::{SignOff, Status},
};
use store::{About, Infrastructure, Reader, Statement, StatementKind};

pub(crate) async fn load(
    op: &OpContext,
    reader: &mut Reader,
    request: &GateRequest,
    name: Option<VersionRef>,
    readers: Readers,
) -> Result<GateFacts, Error> {
    let (size, named) = match &name {
        Some(name) => {
            let (size, rows) = reader.whole_version_at_size(&name.project, &name.model, name.number).await?;
            (size, GovernedVersion::of(rows))
        }
        None => (Some(reader.log_size().await?), None),
    };
    let asker = Asker::at(op, reader, &request.infrastructure, size).await?;
    let infrastructure = asker.infrastructure();
    let found = match (&name, request.digest) {
        (Some(name), _) => {
            let hidden = || Error::not_found("version", name);
            let found = named.ok_or_else(hidden)?;
            if !asker.may_ask(op, reader, &found).await? {
                return Err(hidden());
            }
            Some(found)
        }
        (None, Some(digest)) => by_digest(op, reader, &asker, digest).await?,
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
            infrastructure: infrastructure.name.clone(),
            policy: infrastructure.policy,
            accepts: infrastructure.accepts.0.clone(),
            candidate,
            version: None,
            version_id: None,
            about: About::default(),
            permit: None,
            until: None,
        });
    };
    let bytes = request.digest.unwrap_or(found.version.model_digest);
    let Spoken { decisions, words, permit } = Spoken::of(op, reader, &found, bytes, infrastructure).await?;
    let mut candidate = candidate::candidate(op, &found, &decisions, None);
    candidate.model_digest = bytes;
    candidate.by_digest = name.is_none();
    candidate.same_bytes = words.besides(op, reader, Some(&found), readers).await?;
    // Only an answer that something is missing names the people who can act.
    if gate::lacking(&candidate, &infrastructure.accepts.0, op.now).is_some() {
        let people = version_people::load_at(op, reader, &found, &[], size).await?;
        candidate.signoffs = candidate::candidate(op, &found, &decisions, Some(&people)).signoffs;
    }
    of_version(op, &asker, found, candidate, permit)
}

/// The facts about a version, once all is judged. `permit` is shown to those who may read what is in service.
pub(super) fn of_version(
    op: &OpContext,
    asker: &Asker,
    found: GovernedVersion,
    candidate: Candidate,
    permit: Option<Statement>,
) -> Result<GateFacts, Error> {
    let infrastructure = asker.infrastructure();
    let permit = permit.filter(|_| asker.reads_deployments());
    let delegations =
        found.signoffs().flat_map(SignOff::rounds).filter_map(SignOff::review).flat_map(|review| &review.delegations);
    // Once an approval has ended, the answer names people; and asked by digest, another version may speak for the bytes.
    let ends = candidate.signoffs.iter().filter_map(|signoff| signoff.not_after);
    let delegated = delegations.filter_map(|delegation| delegation.until);
    let until = delegated.chain(ends).filter(|until| op.now < *until).min();
    Ok(GateFacts {
        infrastructure: infrastructure.name.clone(),
        policy: infrastructure.policy,
        accepts: infrastructure.accepts.0.clone(),
        candidate,
        about: found.about(),
        version: Some(found.name),
        version_id: Some(found.version.id),
        permit: permit.as_ref().map(statements::view).transpose()?,
        until,
    })
}

/// What this server signed about a version and about the bytes that are asked for.
struct Spoken {
    decisions: SignedDecisions,
    words: WordsOnBytes,
    /// The permit on which the version is in service, where the bytes are the version's.
    permit: Option<Statement>,
}

impl Spoken {
    async fn of(
        op: &OpContext,
        reader: &mut Reader,
        found: &GovernedVersion,
        bytes: Digest,
        infrastructure: &Infrastructure,
    ) -> Result<Self, Error> {
        let id = found.version.id;
        if bytes != found.version.model_digest {
            let decisions = SignedDecisions::of(op, reader, [id]).await?;
            return Ok(Self { decisions, words: WordsOnBytes::on(op, reader, bytes).await?, permit: None });
        }
        let spoken = reader.spoken_of(bytes, id, infrastructure.id, MOST).await?;
        let decisions = SignedDecisions::among(op, spoken.iter().filter(|statement| statement.version_id == id));
        let words = WordsOnBytes::among(op, &spoken);
        Ok(Self { decisions, words, permit: spoken.into_iter().find(|statement| statement.kind == StatementKind::Permit) })
    }
}

/// The version with these bytes that speaks best for them: the approval covers bytes, so one in force is enough, if no word against
/// these bytes is newer.
async fn by_digest(op: &OpContext, reader: &mut Reader, asker: &Asker, digest: Digest) -> Result<Option<GovernedVersion>, Error> {
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
        if gate::lacking(&candidate, &asker.infrastructure().accepts.0, op.now).is_none() {
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
