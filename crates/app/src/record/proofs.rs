//! Proves what is in the record: for auditors, and for everybody who may read the version that an event is about.

use crate::{
    Error, OpContext,
    base::find,
    record::checkpoints::checkpoint,
    views::{ConsistencyQuery, InclusionQuery, ProofView},
};
use domain::access::{Action, Scope};
use proof::{Sha256, TlogProof, merkle};
use store::{EventBytes, LogProof, LoggedEvent, Reader};

/// Shows that an event is in the log of the present size, or of a size that the caller names.
///
/// # Errors
/// An event that the caller may not see; no such event; a size that the log has not reached, or that does not cover the event.
pub async fn inclusion(op: &OpContext, query: InclusionQuery) -> Result<ProofView, Error> {
    let mut reader = op.read().await?;
    let bytes = readable(op, &mut reader, query.position).await?;
    let size = reached(&mut reader, query.size, "size").await?;
    if query.position >= size {
        return Err(Error::invalid("size", format!("a log of {size} events does not have the event {}", query.position)));
    }
    let proof = reader.inclusion_proof_at(query.position, size).await?;
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).map_err(Error::internal);
    Ok(ProofView {
        leaf: Some(merkle::leaf_hash(&bytes.leaf).hex()),
        leaf_bytes: Some(text(bytes.leaf)?),
        body_bytes: Some(text(bytes.body)?),
        ..proof_view(&proof)
    })
}

/// Shows that an event is in the log, as one text in the form of C2SP `tlog-proof`, with the newest signed checkpoint.
///
/// # Errors
/// As [`inclusion`]; a log that is no continuation of what was signed before.
pub async fn tlog_proof(op: &OpContext, position: u64) -> Result<String, Error> {
    readable(op, &mut op.read().await?, position).await?;
    let note = checkpoint(op).await?;
    Ok(logged(&mut op.read().await?, position, &note).await?.to_text())
}

/// The proof that an event is in the log of this signed checkpoint.
///
/// # Errors
/// When the checkpoint does not cover the event.
pub(crate) async fn logged(reader: &mut Reader, position: u64, note: &str) -> Result<TlogProof, Error> {
    let size = checkpoint_size(note)?;
    let proof = reader.inclusion_proof_at(position, size).await?;
    Ok(TlogProof { index: position, hashes: proof.hashes, checkpoint: note.to_owned() })
}

/// The number of events that a checkpoint of this server covers.
pub(crate) fn checkpoint_size(note: &str) -> Result<u64, Error> {
    let size = note.lines().nth(1).and_then(|size| size.parse().ok());
    size.ok_or_else(|| Error::internal("a checkpoint without a size"))
}

/// The exact bytes of an event's body.
///
/// # Errors
/// An event that the caller may not see; no such event.
pub async fn event(op: &OpContext, position: u64) -> Result<Vec<u8>, Error> {
    Ok(readable(op, &mut op.read().await?, position).await?.body)
}

/// Shows that an earlier log is the beginning of the present one, or of a later size. A proof consists of hashes, which tell nothing.
///
/// # Errors
/// When nobody is signed in; a size that the log has not reached.
pub async fn consistency(op: &OpContext, query: ConsistencyQuery) -> Result<ProofView, Error> {
    op.needs(Scope::Read)?;
    let mut reader = op.read().await?;
    let to = reached(&mut reader, query.to, "to").await?;
    if query.from > to {
        return Err(Error::invalid("from", format!("the log has not reached this size: it has {to} events")));
    }
    Ok(proof_view(&reader.consistency_proof_to(query.from, to).await?))
}

/// The size that was asked for, or the present one.
async fn reached(reader: &mut Reader, asked: Option<u64>, name: &str) -> Result<u64, Error> {
    let present = reader.log_size().await?;
    match asked {
        Some(size) if size > present => {
            Err(Error::invalid(name, format!("the log has not reached this size: it has {present} events")))
        }
        asked => Ok(asked.unwrap_or(present)),
    }
}

/// The bytes of an event that the caller may see: as an auditor, or as somebody who may read the version, or manages the project.
async fn readable(op: &OpContext, reader: &mut Reader, position: u64) -> Result<EventBytes, Error> {
    op.needs(Scope::Read)?;
    let bytes = reader.event_bytes(position).await?;
    if let Err(refused) = op.allow(Action::ReadAudit) {
        let event = bytes.as_ref().and_then(|bytes| LoggedEvent::parse(&bytes.body).ok());
        let about = event.ok_or(refused)?.about;
        let seen = match (about.version, about.project) {
            (Some(version), _) => {
                let name = find::known_version(reader, version).await?.name;
                find::version(op, reader, &name, Action::ReadProject).await.map(drop)
            }
            (None, Some(project)) => match reader.project(project).await? {
                Some(project) => find::project(op, reader, &project.name, Action::ManageProject).await.map(drop),
                None => op.allow(Action::ReadAudit),
            },
            (None, None) => op.allow(Action::ReadAudit),
        };
        // Whether there is such an event, and what it is about, is not theirs to know.
        if seen.is_err() {
            op.allow(Action::ReadAudit)?;
        }
    }
    bytes.ok_or_else(|| Error::not_found("event", position))
}

fn proof_view(proof: &LogProof) -> ProofView {
    ProofView {
        size: proof.size,
        root: proof.root.hex(),
        leaf: None,
        leaf_bytes: None,
        body_bytes: None,
        hashes: proof.hashes.iter().map(Sha256::hex).collect(),
    }
}
