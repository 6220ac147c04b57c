//! Puts together everything that a stranger needs to check the approval of a version offline.

use crate::{
    Error, OpContext,
    base::find,
    change::statements,
    record,
    versions::files::manifest_of,
    views::{List, StatementView},
};
use domain::{
    Duration, Timestamp, VersionId, VersionRef,
    access::{Action, Scope},
    event::Event,
};
use proof::{
    ApprovalPredicate, Decision, Envelope, PermitPredicate, Sha256,
    bundle::{Bundle, Consistency, LoggedStatement, TYPE},
};
use std::collections::HashSet;
use store::{About, Reader, Statement};

/// So many permits are looked at, the newest ones first.
const PERMITS: u32 = 200;
/// Events that are read at once.
const EVENTS: u32 = 200;
/// A statement is recorded at most so long after it was prepared.
const RECORDED_WITHIN: Duration = Duration::from_seconds(300);

/// The bundle of the newest approval of a version. `since` is the size of an earlier checkpoint that the verifier has.
///
/// # Errors
/// No version that the caller may see; a version without a signed approval; a log that does not continue what was signed before.
pub async fn bundle(op: &OpContext, name: &VersionRef, since: Option<u64>) -> Result<Vec<u8>, Error> {
    op.needs(Scope::Read)?;
    let version = find::version(op, &mut op.read().await?, name, Action::ReadProject).await?.version.id;
    // First, so that the checkpoint covers what is read afterwards, or most of it.
    let note = record::checkpoint(op).await?;
    let size = record::checkpoint_size(&note)?;
    let mut reader = op.read().await?;
    let reader = &mut reader;
    let found = find::version(op, reader, name, Action::ReadProject).await?;
    let stored = reader.decisions(version).await?;
    let decisions: Vec<_> = stored.iter().filter_map(|stored| signed::<ApprovalPredicate>(op, stored)).collect();
    let approved = decisions.iter().rposition(|(_, _, predicate)| predicate.decision == Decision::Approved);
    let (stored, approval, predicate) =
        &decisions[approved.ok_or_else(|| Error::not_found("signed approval of the version", name))?];
    let of_round = |stored: &Statement| (stored.step.clone(), stored.round);
    let mut logged = Vec::new();
    for (other, envelope, _) in decisions.iter().filter(|(other, ..)| of_round(other) == of_round(stored)) {
        logged.extend(in_log(reader, other, envelope, &note, size).await?);
    }
    let round = reader.round(version, &stored.step, stored.round).await?;
    let answers = round.as_ref().and_then(|round| round.signoff.0.review()).map(|review| review.answers.as_slice());
    let bundle = Bundle {
        bundle_type: TYPE.to_owned(),
        manifest: text(manifest_of(reader, &found.version, &name.to_string()).await?)?,
        considered: text(considered(reader, &found.version, predicate.considered).await?)?,
        feedback: text(proof::canonical::to_vec(answers.unwrap_or_default()).map_err(Error::internal)?)?,
        decisions: logged,
        permits: permits(op, reader, version, approval.payload_digest(), &note, size).await?,
        consistency: consistency(reader, since, size).await?,
    };
    bundle.to_bytes().map_err(Error::internal)
}

/// The permits of a version, past ones too, the newest one first.
///
/// # Errors
/// No version that the caller may see.
pub async fn permits_of(op: &OpContext, name: &VersionRef) -> Result<List<StatementView>, Error> {
    op.needs(Scope::Read)?;
    let mut reader = op.read().await?;
    let found = find::version(op, &mut reader, name, Action::ReadProject).await?;
    let permits = reader.permits(found.version.id, PERMITS).await?;
    Ok(List::whole(permits.iter().map(statements::view).collect::<Result<_, _>>()?))
}

fn text(bytes: Vec<u8>) -> Result<String, Error> {
    String::from_utf8(bytes).map_err(Error::internal)
}

/// A statement that this server signed.
fn signed<'a, P: proof::Predicate>(op: &OpContext, stored: &'a Statement) -> Option<(&'a Statement, Envelope, P)> {
    let envelope = Envelope::from_json_bytes(&stored.envelope).ok()?;
    let predicate = proof::Statement::<P>::verify(&envelope, &op.keys.public_key()).ok()?.predicate;
    Some((stored, envelope, predicate))
}

/// A statement with its event, if the checkpoint covers the event.
async fn in_log(
    reader: &mut Reader,
    stored: &Statement,
    envelope: &Envelope,
    note: &str,
    size: u64,
) -> Result<Option<LoggedStatement>, Error> {
    // A permit can be about an infrastructure with several versions: its event is found by its moment alone. A decision can be
    // recorded a little later than it was prepared.
    let about = About { version: stored.infrastructure_id.is_none().then_some(stored.version_id), ..About::default() };
    let Some(position) = position_of(reader, about, stored).await? else {
        return Ok(None);
    };
    if position >= size {
        return Ok(None);
    }
    let bytes = reader.event_bytes(position).await?.ok_or_else(|| Error::not_found("event", position))?;
    let proof = record::logged(reader, position, note).await?.to_text();
    Ok(Some(LoggedStatement { envelope: envelope.clone(), event: text(bytes.body)?, proof }))
}

/// The position of the event that recorded a statement.
async fn position_of(reader: &mut Reader, about: About, stored: &Statement) -> Result<Option<u64>, Error> {
    let row = format!("statements/{}", stored.id);
    let (mut from, end) = (0, stored.issued_at.plus(RECORDED_WITHIN));
    loop {
        let events = reader.events(about, from, stored.issued_at, EVENTS).await?;
        if let Some(event) = events.iter().find(|event| event.rows.iter().any(|(name, _)| *name == row)) {
            return Ok(Some(event.position));
        }
        match events.last() {
            Some(last) if last.at <= end => from = last.position + 1,
            _ => return Ok(None),
        }
    }
}

/// The newest permit of each service that rests on the approval.
async fn permits(
    op: &OpContext,
    reader: &mut Reader,
    version: VersionId,
    approval: Sha256,
    note: &str,
    size: u64,
) -> Result<Vec<LoggedStatement>, Error> {
    let (mut permits, mut seen) = (Vec::new(), HashSet::new());
    for stored in reader.permits(version, PERMITS).await? {
        let Some((_, envelope, predicate)) = signed::<PermitPredicate>(op, &stored) else { continue };
        let rests = predicate.approvals().iter().any(|reference| reference.digest.sha256 == approval);
        if rests && seen.insert((predicate.terms().audience.clone(), predicate.terms().service.clone())) {
            permits.extend(in_log(reader, &stored, &envelope, note, size).await?);
        }
    }
    Ok(permits)
}

/// The governed fields with this digest: the present ones, or earlier ones from the record.
async fn considered(reader: &mut Reader, version: &store::Version, digest: Sha256) -> Result<Vec<u8>, Error> {
    let canonical = |fields: &serde_json::Value| proof::canonical::to_vec(fields).map_err(Error::internal);
    let present = canonical(&version.fields.0.governed())?;
    if Sha256::of(&present) == digest {
        return Ok(present);
    }
    let about = About { version: Some(version.id), ..About::default() };
    let mut from = 0;
    loop {
        let events = reader.events(about, from, Timestamp::from_micros(0), EVENTS).await?;
        let Some(last) = events.last() else { return Ok(present) };
        from = last.position + 1;
        for event in &events {
            if let Event::VersionCreated { fields, .. } | Event::FieldsChanged { fields, .. } = &event.event {
                let bytes = canonical(fields)?;
                if Sha256::of(&bytes) == digest {
                    return Ok(bytes);
                }
            }
        }
    }
}

/// The proof that the log continues the checkpoint of a verifier.
async fn consistency(reader: &mut Reader, since: Option<u64>, size: u64) -> Result<Vec<Consistency>, Error> {
    match since {
        None => Ok(Vec::new()),
        Some(from) if from > size => {
            Err(Error::invalid("since", format!("the log has not reached this size: its newest checkpoint covers {size} events")))
        }
        Some(from) => {
            let hashes = reader.consistency_proof_to(from, size).await?.hashes;
            Ok(vec![Consistency { from, hashes }])
        }
    }
}
