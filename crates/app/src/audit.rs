//! The record: reading it, proving what is in it, signing its checkpoints, and verifying the whole store against it.

mod checkpoints;
mod envelopes;
mod verify;

pub use checkpoints::sign_checkpoint;
pub(crate) use checkpoints::{continues, last_signed};
pub use verify::verify_store;

use crate::{
    Error, OpContext, Server, find,
    views::{AuditEvent, AuditQuery, List, ProofView},
};
use domain::{
    Timestamp, VersionRef,
    access::{Action, Scope},
    event::Actor,
};
use proof::{Sha256, merkle};
use std::collections::{HashMap, hash_map::Entry};
use store::{About, LogProof, LoggedEvent, Reader};

/// Events of the record, oldest first.
///
/// # Errors
/// Neither an auditor nor an administrator; managers may read their own project's.
pub async fn list(op: &OpContext, query: AuditQuery) -> Result<List<AuditEvent>, Error> {
    op.needs(Scope::Read)?;
    let mut reader = op.read().await?;
    let mut about = About::default();
    if let Some(name) = &query.project {
        let project = find::project(op, &mut reader, name, Action::ReadProject).await?;
        if op.allow(Action::ReadAudit).is_err() {
            find::project(op, &mut reader, name, Action::ManageProject).await?;
        }
        about.project = Some(project.id);
    } else {
        op.allow(Action::ReadAudit)?;
    }
    if let Some(name) = &query.version {
        let name: VersionRef =
            name.parse().map_err(|error: domain::name::NameError| Error::invalid("version", error.to_string()))?;
        let found = find::version(op, &mut reader, &name, Action::ReadProject).await?;
        if about.project.is_some_and(|project| project != found.project.id) {
            return Err(Error::invalid("version", "the version is not one of that project"));
        }
        about.version = Some(found.version.id);
    }
    if let Some(name) = &query.infrastructure {
        op.allow(Action::ReadAudit)?;
        about.infrastructure = Some(find::infrastructure(op, &mut reader, name, Action::SeeInfrastructure).await?.id);
    }
    page(&mut reader, about, query.from.unwrap_or(0), query.since.unwrap_or(Timestamp::from_micros(0)), query.limit).await
}

/// A page of events; `next` is the position at which to go on.
pub(crate) async fn page(
    reader: &mut Reader,
    about: About,
    from: u64,
    since: Timestamp,
    limit: Option<u32>,
) -> Result<List<AuditEvent>, Error> {
    let limit = limit.unwrap_or(100).clamp(1, 200);
    let mut events = reader.events(about, from, since, limit + 1).await?;
    let next = (events.len() > limit as usize).then(|| events.pop().map(|event| event.position.to_string())).flatten();
    let (mut items, mut names) = (Vec::new(), HashMap::<_, Option<String>>::new());
    for event in events {
        let About { project, version, infrastructure, .. } = event.about;
        let about = match names.entry((project, version, infrastructure)) {
            Entry::Occupied(known) => known.get().clone(),
            Entry::Vacant(unknown) => unknown.insert(name_of(reader, &event.about).await?).clone(),
        };
        items.push(view(event, about)?);
    }
    Ok(List { items, next })
}

fn view(event: LoggedEvent, about: Option<String>) -> Result<AuditEvent, Error> {
    let value = serde_json::to_value(&event.event).map_err(Error::internal)?;
    Ok(AuditEvent {
        position: event.position,
        at: event.at,
        actor: match event.actor {
            Actor::User { name, .. } => name.to_string(),
            Actor::Clock => "clock".to_owned(),
            Actor::Console => "console".to_owned(),
        },
        request: event.request,
        kind: event.event.kind().to_owned(),
        data: value.get("data").cloned().unwrap_or_default(),
        about,
    })
}

/// The name of what an event is about.
async fn name_of(reader: &mut Reader, about: &About) -> Result<Option<String>, Error> {
    if let Some(id) = about.version
        && let Some(name) = reader.version_name(id).await?
    {
        return Ok(Some(name.to_string()));
    }
    if let Some(id) = about.infrastructure {
        return Ok(reader.infrastructure(id).await?.map(|infrastructure| infrastructure.name.to_string()));
    }
    match about.project {
        Some(id) => Ok(reader.project(id).await?.map(|project| project.name.to_string())),
        None => Ok(None),
    }
}

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
    Ok(ProofView { leaf: Some(merkle::leaf_hash(&bytes).hex()), ..proof_view(&proof) })
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
    ProofView { size: proof.size, root: proof.root.hex(), leaf: None, hashes: proof.hashes.iter().map(Sha256::hex).collect() }
}

/// The present checkpoint, signed if it was not yet.
///
/// # Errors
/// When nobody is signed in; when the log is not a continuation of what was signed before.
pub async fn checkpoint(op: &OpContext) -> Result<String, Error> {
    op.user()?;
    sign_checkpoint(op).await
}

/// The public key that statements verify with, in PEM.
pub fn public_key(server: &Server) -> String {
    server.keys.public_key().to_spki_pem()
}

/// The key that checkpoints verify with, as a C2SP verifier key.
pub fn log_key(server: &Server) -> String {
    server.keys.log.vkey()
}

/// Whether the server can do its work: the database answers.
///
/// # Errors
/// When it does not.
pub async fn health(server: &Server) -> Result<(), Error> {
    server.store.log_size().await.map(|_| ()).map_err(Error::from)
}
