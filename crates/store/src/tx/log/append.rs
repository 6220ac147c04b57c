//! Appends events, and moves the head of the log with them.

use super::event::LoggedEvent;
use crate::{
    StoreError,
    conn::Sql,
    log_head::LogHead,
    query::queries,
    tx::{About, Origin, Reader},
    value::{Column, Value},
};
use domain::{Digest, VersionId, event::Event};
use proof::{EventLeaf, Sha256, leaf};

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
    LAST_POSITION = "SELECT COALESCE(MAX(position), -1) FROM events WHERE version_id = $1";
}

/// Adds an event, and the perfect subtrees that it completes: an array of level, index and hash of each. One statement, since the writer holds
/// the log meanwhile.
pub(super) const ADD_EVENT: Sql = Sql {
    sqlite: "INSERT INTO log_nodes (level, position, hash) SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), unhex(json_extract(value, '$[2]')) FROM json_each($12);
        INSERT INTO events (position, at, kind, actor_id, project_id, version_id, infrastructure_id, body, body_digest, leaf, seal) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    postgres: "WITH nodes AS (INSERT INTO log_nodes (level, position, hash) SELECT CAST(node ->> 0 AS BIGINT), CAST(node ->> 1 AS BIGINT), decode(node ->> 2, 'hex') FROM jsonb_array_elements(CAST($12 AS JSONB)) AS found (node))
        INSERT INTO events (position, at, kind, actor_id, project_id, version_id, infrastructure_id, body, body_digest, leaf, seal) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
};

/// Appends these events to the log that the writer holds; gives them as the log has them.
pub(crate) async fn append(
    reader: &mut Reader,
    origin: &Origin,
    LogHead { frontier, last_event_at }: &mut LogHead,
    pending: Vec<Pending>,
) -> Result<Vec<LoggedEvent>, StoreError> {
    let before = frontier.size();
    let mut last = std::mem::take(&mut reader.last_positions);
    let mut appended = Vec::with_capacity(pending.len());
    for (index, Pending { event, about, rows, statements }) in pending.into_iter().enumerate() {
        let position = frontier.size();
        let previous = match about.version {
            None => None,
            Some(version) => match last.insert(version, Some(position)) {
                None => reader.last_position(version).await?,
                Some(known) => known,
            },
        };
        let logged = LoggedEvent {
            format: leaf::FORMAT,
            position,
            at: origin.at,
            actor: origin.actor.clone(),
            request: origin.request.clone(),
            about,
            event,
            rows,
            previous,
            statements,
            nonce: nonce(&origin.seed, index),
        };
        let body = proof::canonical::to_vec(&logged)?;
        let event_leaf = EventLeaf::of(position, &body);
        let leaf = event_leaf.hash()?;
        let [at, kind, actor, project, version, infrastructure] = logged.columns();
        let [hash, digest] = [leaf, event_leaf.body].map(|hash| Value::Bytes(hash.as_bytes().to_vec()));
        let seal = Value::Bytes(reader.guard.key()?.event(&event_leaf.to_bytes()?));
        let nodes = frontier.append(leaf).into_iter().map(|node| serde_json::json!([node.level, node.index, node.hash.hex()]));
        let nodes = Value::Text(serde_json::Value::from_iter(nodes).to_string());
        let body = Value::Bytes(body);
        let args = [position.to_value(), at, kind, actor, project, version, infrastructure, body, digest, hash, seal, nodes];
        reader.conn.execute(ADD_EVENT, &args).await.map_err(|error| match error {
            // The head gives the position, and no other event of ours can be there.
            StoreError::Exists => StoreError::Altered(format!("events/{position}")),
            other => other,
        })?;
        appended.push(logged);
    }
    *last_event_at = Some(origin.at);
    let head = LogHead { frontier: frontier.clone(), last_event_at: *last_event_at };
    let seal = Value::Bytes(reader.guard.key()?.head(&head));
    let at = Value::Int(origin.at.micros());
    let args = [frontier.size().to_value(), Value::Bytes(frontier.to_bytes()), at, seal, before.to_value()];
    match reader.conn.execute(SET_HEAD, &args).await? {
        1 => Ok(appended),
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
