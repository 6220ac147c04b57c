//! The statements that the server signs with a change, stored byte for byte: approval statements for final decisions, and permits
//! for versions that the gate lets in.

mod decision;
mod permit;

pub use decision::Preparation;
pub(crate) use decision::revoked_approval;
pub(crate) use permit::{PermitFor, permit, permit_end};

use crate::{Error, OpContext, views};
use domain::{Digest, Timestamp};
use proof::{Nonce, Sha256, UtcTime};
use store::Statement;

/// A statement as it is shown; the envelope is the JSON that was signed and stored.
pub(crate) fn view(statement: &Statement) -> Result<views::StatementView, Error> {
    Ok(views::StatementView {
        id: statement.id,
        kind: statement.kind.to_string(),
        step: statement.step.clone(),
        round: statement.round,
        issued_at: statement.issued_at,
        not_after: statement.not_after,
        envelope: serde_json::from_slice(&statement.envelope).map_err(Error::internal)?,
    })
}

pub(crate) fn sha256(digest: Digest) -> Sha256 {
    Sha256::from_bytes(*digest.as_bytes())
}

pub(crate) fn utc(time: Timestamp) -> Result<UtcTime, Error> {
    UtcTime::from_micros(time.micros()).map_err(Error::internal)
}

fn nonce(op: &OpContext) -> Nonce {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&op.entropy.bytes()[..16]);
    Nonce::from_entropy(bytes)
}
