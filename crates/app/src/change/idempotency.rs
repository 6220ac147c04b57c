//! Repeated requests: the stored answer to a request with an idempotency key.

use crate::{
    Error, OpContext,
    base::{caller, error::Code},
};
use domain::{NextStep, access::Scope};

/// The answer that was given before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replay {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

/// The answer to the request with this key, if there was one, for a caller who could still send it: the token may have been revoked
/// since the request arrived, and may be another one than the first time.
///
/// # Errors
/// The token no longer holds or lacks the scope; the key was used for another request, or its answer was lost after the change
/// was committed.
pub async fn stored(op: &OpContext, needs: Scope) -> Result<Option<Replay>, Error> {
    let Some(key) = &op.key else { return Ok(None) };
    let (user, (token, _)) = (op.user()?.id, op.token()?);
    let mut reader = op.read().await?;
    let Some(stored) = reader.stored_response(user, &key.key).await? else {
        return Ok(None);
    };
    let now = op.server.now();
    let caller = caller::caller(&mut reader, token, now).await?;
    OpContext { caller, now, ..op.clone() }.needs(needs)?;
    if stored.request_hash != key.request {
        return Err(
            Error::new(Code::IdempotencyKeyReused, "this idempotency key was used for another request").next(NextStep::UseNewKey)
        );
    }
    match stored.answer {
        Some((status, body)) => Ok(Some(Replay { status, body })),
        None => Err(Error::new(Code::AnswerLost, "this request was carried out before, but its answer is not known any more")
            .next(NextStep::LookBeforeRepeating)),
    }
}

/// Keeps the answer to the request with this key.
///
/// # Errors
/// When the database does not answer; the change itself is committed.
pub async fn keep(op: &OpContext, status: u16, body: &[u8]) -> Result<(), Error> {
    let Some(key) = &op.key else { return Ok(()) };
    let user = op.user()?.id;
    // The key belongs to the change that was committed: this write must not claim it again.
    let (_, mut tx) = OpContext { key: None, ..op.clone() }.write_outside().await?;
    tx.keep_response(user, &key.key, status, body).await?;
    Ok(tx.commit().await?)
}
