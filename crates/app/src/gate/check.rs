//! Asks the gate about a version or about bytes.

use crate::{
    Error, OpContext,
    base::{
        cache::gate_facts::{GateFacts, GateKey},
        signed_checkpoint::refuse_forked,
    },
    gate::{acknowledge::acknowledge, answer::answer, facts, quick_facts, same_bytes::Readers},
    views::{GateAnswer, GateRequest},
};
use domain::{VersionRef, access::Scope, text};
use std::sync::Arc;

/// Answers whether a version, or the bytes of a digest, may be deployed to an infrastructure. Changes and records nothing, unless
/// a reason for going on over a warning is given.
///
/// # Errors
/// No such infrastructure or version; neither a role on the infrastructure nor a view of the project; with a reason, somebody who
/// may not deploy there. Every error is a denial.
pub async fn check(op: &OpContext, request: GateRequest) -> Result<GateAnswer, Error> {
    op.needs(Scope::Gate)?;
    refuse_forked(op).await?;
    let name = named(&request)?;
    if let Some(reason) = request.acknowledge.as_deref().and_then(text::visible) {
        return acknowledge(op, &request, name, reason).await;
    }
    let key = GateKey {
        user: op.user()?.id,
        infrastructure: request.infrastructure.clone(),
        version: name.as_ref().map(VersionRef::to_string).unwrap_or_default(),
        digest: request.digest,
    };
    let size = op.log_size().await?;
    let known = match op.cache.gate(size, &key, op.now) {
        Some(known) => known,
        None => {
            let known = Arc::new(read(op, &request, name, size).await?);
            // As read at the size that was seen: the caller may be as old as that, and all else is newer. Digests that nobody governs can be made up without end, and would push out what is asked for.
            if known.version_id.is_some() {
                op.cache.keep_gate(size, key, known.clone());
            }
            known
        }
    };
    Ok(answer(op, &known))
}

/// Reads the facts, by one query where that is enough.
async fn read(op: &OpContext, request: &GateRequest, name: Option<VersionRef>, seen: u64) -> Result<GateFacts, Error> {
    if let Some(name) = &name
        && let Some(facts) = quick_facts::load(op, request, name, seen).await?
    {
        return Ok(facts);
    }
    facts::load(op, &mut op.read().await?, request, name, Readers::Caller).await
}

/// The version that a request names, if it names one.
fn named(request: &GateRequest) -> Result<Option<VersionRef>, Error> {
    match (&request.model, request.version, request.digest) {
        (Some(model), Some(version), _) => {
            let name = format!("{model}:{version}").parse::<VersionRef>();
            name.map(Some).map_err(|error| Error::invalid("/model", error.to_string()))
        }
        (None, None, Some(_)) => Ok(None),
        (None, None, None) => Err(Error::invalid("", "name a version (`model` and `version`) or a `digest`")),
        _ => Err(Error::invalid("/version", "`model` and `version` go together")),
    }
}
