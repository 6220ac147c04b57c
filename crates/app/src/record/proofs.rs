//! Proves what is in the record.

use crate::{Error, OpContext, views::ProofView};
use domain::access::{Action, Scope};
use proof::{Sha256, merkle};
use store::LogProof;

/// Shows that an event is in the log.
///
/// # Errors
/// Neither an auditor nor an administrator; no such event.
pub async fn inclusion(op: &OpContext, position: u64) -> Result<ProofView, Error> {
    op.needs(Scope::Read)?;
    op.allow(Action::ReadAudit)?;
    let mut reader = op.read().await?;
    let bytes = reader.event_bytes(position).await?.ok_or_else(|| Error::not_found("event", position))?;
    let proof = reader.inclusion_proof(position).await?;
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).map_err(Error::internal);
    Ok(ProofView {
        leaf: Some(merkle::leaf_hash(&bytes.leaf).hex()),
        leaf_bytes: Some(text(bytes.leaf)?),
        body_bytes: Some(text(bytes.body)?),
        ..proof_view(&proof)
    })
}

/// Shows that an earlier log is the beginning of the present one.
///
/// # Errors
/// Neither an auditor nor an administrator; a size that the log has not reached.
pub async fn consistency(op: &OpContext, from: u64) -> Result<ProofView, Error> {
    op.needs(Scope::Read)?;
    op.allow(Action::ReadAudit)?;
    let mut reader = op.read().await?;
    if from > reader.log_size().await? {
        return Err(Error::invalid("from", "the log has not reached this size"));
    }
    Ok(proof_view(&reader.consistency_proof(from).await?))
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
