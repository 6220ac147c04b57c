//! Appends events, and moves the head of the log with them.

use super::event::LoggedEvent;
use crate::{
    StoreError,
    log_head::LogHead,
    query::queries,
    tx::{About, Origin, Reader},
    value::{Column, Value},
};
use domain::{Digest, VersionId, event::Event};
use proof::{EventLeaf, Sha256, leaf};
use std::collections::HashMap;

/// An event that waits for the commit.
pub(crate) struct Pending {
    pub event: Event,
    pub about: About,
    pub rows: Vec<(String, Option<Digest>)>,
    pub statements: Vec<Digest>,
}

queries! {
    ;
    SET_HEAD = "UPDATE log_head SET size = $1, frontier = $2, last_event_at = $3, seal = $4 WHERE id = 1 AND size = $5";
    ADD_EVENT = "INSERT INTO events (position, at, kind, actor_id, project_id, version_id, infrastructure_id, body, body_digest, leaf, seal) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    ADD_NODE = "INSERT INTO log_nodes (level, position, hash) VALUES ($1, $2, $3)";
    LAST_POSITION = "SELECT COALESCE(MAX(position), -1) FROM events WHERE version_id = $1";
}

/// Appends these events to the log that the writer holds.
pub(crate) async fn append(
    reader: &mut Reader,
    origin: &Origin,
    LogHead { frontier, last_event_at }: &mut LogHead,
    pending: &[Pending],
) -> Result<(), StoreError> {
    let before = frontier.size();
    let mut last = HashMap::new();
    for (index, Pending { event, about, rows, statements }) in pending.iter().enumerate() {
        let position = frontier.size();
        let previous = match about.version {
            None => None,
            Some(version) => match last.insert(version, position) {
                None => reader.last_position(version).await?,
                known => known,
            },
        };
        let logged = LoggedEvent {
            format: leaf::FORMAT,
            position,
            at: origin.at,
            actor: origin.actor.clone(),
            request: origin.request.clone(),
            about: *about,
            event: event.clone(),
            rows: rows.clone(),
            previous,
            statements: statements.clone(),
            nonce: nonce(&origin.seed, index),
        };
        let body = proof::canonical::to_vec(&logged)?;
        let event_leaf = EventLeaf::of(position, &body);
        let leaf = event_leaf.hash()?;
        let [at, kind, actor, project, version, infrastructure] = logged.columns();
        let [hash, digest] = [leaf, event_leaf.body].map(|hash| Value::Bytes(hash.as_bytes().to_vec()));
        let seal = Value::Bytes(reader.guard.key()?.event(&event_leaf.to_bytes()?));
        let args =
            [position.to_value(), at, kind, actor, project, version, infrastructure, Value::Bytes(body), digest, hash, seal];
        reader.conn.execute(ADD_EVENT, &args).await.map_err(|error| match error {
            // The head gives the position, and no other event of ours can be there.
            StoreError::Exists => StoreError::Altered(format!("events/{position}")),
            other => other,
        })?;
        for node in frontier.append(leaf) {
            let args = [Value::Int(node.level.into()), node.index.to_value(), Value::Bytes(node.hash.as_bytes().to_vec())];
            reader.conn.execute(ADD_NODE, &args).await?;
        }
    }
    *last_event_at = Some(origin.at);
    let head = LogHead { frontier: frontier.clone(), last_event_at: *last_event_at };
    let seal = Value::Bytes(reader.guard.key()?.head(&head));
    let at = Value::Int(origin.at.micros());
    let args = [frontier.size().to_value(), Value::Bytes(frontier.to_bytes()), at, seal, before.to_value()];
    match reader.conn.execute(SET_HEAD, &args).await? {
        1 => Ok(()),
        _ => Err(StoreError::Log("it moved under the writer that held it".to_owned())),
    }
}

fn nonce(seed: &[u8; 32], index: usize) -> String {
    let mut bytes = seed.to_vec();
    bytes.extend_from_slice(&(index as u64).to_be_bytes());
    Sha256::of(&bytes).hex()[..32].to_owned()
}

impl Reader {
    /// The position of the last event about a version.
    async fn last_position(&mut self, version: VersionId) -> Result<Option<u64>, StoreError> {
        Ok(u64::try_from(self.number::<i64>(LAST_POSITION, &[version.to_value()]).await?).ok())
    }
}
