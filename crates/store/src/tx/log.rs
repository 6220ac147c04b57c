//! The record as a Merkle log (RFC 6962): appends events, reads them, and proves that they are in the log.
//!
//! Each event's canonical bytes are a leaf. A table keeps the hashes of perfect subtrees. One head row, which the writer holds,
//! gives the next position, so positions have no gaps and no two writers get one position.

use crate::{
    StoreError,
    conn::Sql,
    guard::Guard,
    log_head::LogHead,
    query::queries,
    record::column,
    seal::SealKey,
    tx::{About, Origin, Reader},
    value::{Column, Kind, Value},
};
use domain::{Digest, InfrastructureId, ProjectId, Timestamp, UserId, VersionId, event::Actor, event::Event};
use proof::{
    EventLeaf, Sha256, leaf,
    merkle::{self, Frontier, MerkleError, ProofNodes},
};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// An event as it was recorded: these fields, as canonical JSON, are its body. The leaf of the log is a [`proof::EventLeaf`], which names
/// the body's digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoggedEvent {
    /// The version of this format.
    pub format: u32,
    /// The leaf's index, from 0.
    pub position: u64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// The id of the request.
    pub request: String,
    /// What it is about.
    pub about: About,
    /// What happened.
    pub event: Event,
    /// The rows that changed with it, each with its digest; none for a row that was taken away.
    pub rows: Vec<(String, Option<Digest>)>,
    /// The position of the event before it about the same version; none for the first, and for events about no version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<u64>,
    /// The payload digests of the statements that were signed with it, in the order of their rows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub statements: Vec<Digest>,
    /// Sixteen random bytes, so that no digest tells anything of its content.
    pub nonce: String,
}

/// An event that waits for the commit.
pub(crate) struct Pending {
    pub event: Event,
    pub about: About,
    pub rows: Vec<(String, Option<Digest>)>,
    pub statements: Vec<Digest>,
}

/// The bytes of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventBytes {
    /// The leaf's content: its RFC 6962 hash is in the log.
    pub leaf: Vec<u8>,
    /// The canonical JSON of the [`LoggedEvent`].
    pub body: Vec<u8>,
}

/// What the guard needs to know of an event. It reads events of a newer program too.
#[derive(Deserialize)]
struct Spoken {
    position: u64,
    rows: Vec<(String, Option<Digest>)>,
}

/// Hashes by which a leaf or an earlier size is shown to belong to the log of a size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogProof {
    /// The size that the proof is for.
    pub size: u64,
    /// The root at that size.
    pub root: Sha256,
    /// The hashes, in the order of RFC 6962.
    pub hashes: Vec<Sha256>,
}

queries! {
    ;
    HEAD = "SELECT size, frontier, last_event_at, seal FROM log_head WHERE id = 1";
    SET_HEAD = "UPDATE log_head SET size = $1, frontier = $2, last_event_at = $3, seal = $4 WHERE id = 1 AND size = $5";
    ADD_EVENT = "INSERT INTO events (position, at, kind, actor_id, project_id, version_id, infrastructure_id, body, body_digest, leaf, seal) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    ADD_NODE = "INSERT INTO log_nodes (level, position, hash) VALUES ($1, $2, $3)";
    LEAF = "SELECT leaf FROM events WHERE position = $1";
    NODE = "SELECT hash FROM log_nodes WHERE level = $1 AND position = $2";
    EVENT = "SELECT body, body_digest FROM events WHERE position = $1";
    EVENTS = "SELECT body, seal FROM events WHERE position >= $1 AND at >= $2 ORDER BY position LIMIT $3";
    NEXT = "SELECT position, body, seal FROM events WHERE position >= $1 ORDER BY position LIMIT $2";
    EVENTS_OF_PROJECT = "SELECT body, seal FROM events WHERE project_id = $1 AND position >= $2 AND at >= $3 AND (infrastructure_id = $5 OR $5 IS NULL) ORDER BY position LIMIT $4";
    EVENTS_OF_VERSION = "SELECT body, seal FROM events WHERE version_id = $1 AND position >= $2 AND at >= $3 AND (infrastructure_id = $5 OR $5 IS NULL) ORDER BY position LIMIT $4";
    EVENTS_OF_INFRASTRUCTURE = "SELECT body, seal FROM events WHERE infrastructure_id = $1 AND position >= $2 AND at >= $3 ORDER BY position LIMIT $4";
    LAST_OF_KINDS = "SELECT body, seal FROM events WHERE infrastructure_id = $1 AND kind IN ($2, $3, $4) AND position < $5 ORDER BY position DESC LIMIT $6";
    AT = "SELECT at FROM events WHERE position = $1";
    FIRST_SINCE = "SELECT COALESCE(MIN(position + 0), -1) FROM events WHERE at >= $1 AND position + 0 >= $2";
    LAST_POSITION = "SELECT COALESCE(MAX(position), -1) FROM events WHERE version_id = $1";
    LAST_OF_VERSION = "SELECT body, seal FROM events WHERE version_id = $1 ORDER BY position DESC LIMIT 1";
}

/// The statement that a writer begins with.
pub(crate) const LOCK_HEAD: Sql =
    Sql { sqlite: HEAD.sqlite, postgres: "SELECT size, frontier, last_event_at, seal FROM log_head WHERE id = 1 FOR UPDATE" };

/// The head as the database states it, and the seal beside it.
pub(crate) type StatedHead = (u64, Vec<u8>, Option<Timestamp>, Vec<u8>);

pub(crate) async fn lock_head(reader: &mut Reader) -> Result<LogHead, StoreError> {
    read_head(reader, LOCK_HEAD).await
}

/// Takes the head and gives the size that it states.
pub(crate) async fn hold_head(reader: &mut Reader) -> Result<u64, StoreError> {
    Ok(stated_head(reader, LOCK_HEAD).await?.0)
}

async fn read_head(reader: &mut Reader, sql: Sql) -> Result<LogHead, StoreError> {
    let stated = stated_head(reader, sql).await?;
    opened(&reader.guard, stated)
}

async fn stated_head(reader: &mut Reader, sql: Sql) -> Result<StatedHead, StoreError> {
    let row = reader.rows(sql, &[], &[Kind::Int, Kind::Bytes, Kind::Int, Kind::Bytes]).await?.into_iter().next();
    let mut row = row.ok_or_else(|| StoreError::Log("its row is gone".to_owned()))?.into_iter();
    let size = column(row.next(), "log_head", "size")?;
    let frontier = column(row.next(), "log_head", "frontier")?;
    let last_event_at = column(row.next(), "log_head", "last_event_at")?;
    Ok((size, frontier, last_event_at, column(row.next(), "log_head", "seal")?))
}

/// The head, once its seal is found right: nobody but a server of this database set it.
pub(crate) fn opened(guard: &Guard, (size, edge, last_event_at, seal): StatedHead) -> Result<LogHead, StoreError> {
    let frontier = Frontier::from_bytes(size, &edge).map_err(|error| StoreError::Log(error.to_string()))?;
    let head = LogHead { frontier, last_event_at };
    match guard.checking()? {
        Some(key) if !key.is_of_head(&head, &seal) => Err(StoreError::Altered("the head of the log".to_owned())),
        _ => Ok(head),
    }
}

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

/// The leaf of an event whose body has this digest.
pub(crate) fn leaf_of(position: u64, body: Digest) -> EventLeaf {
    EventLeaf { position, body: Sha256::from_bytes(*body.as_bytes()) }
}

fn nonce(seed: &[u8; 32], index: usize) -> String {
    let mut bytes = seed.to_vec();
    bytes.extend_from_slice(&(index as u64).to_be_bytes());
    Sha256::of(&bytes).hex()[..32].to_owned()
}

fn check_seal(guard: &Guard, position: u64, body: &[u8], seal: &[u8]) -> Result<(), StoreError> {
    let leaf = EventLeaf::of(position, body).to_bytes()?;
    match guard.checking()? {
        Some(key) if !key.is_of_event(&leaf, seal) => Err(StoreError::Altered(format!("events/{position}"))),
        _ => Ok(()),
    }
}

impl LoggedEvent {
    /// The columns by which events are found; derived from the body, so that `verify` can tell when they were altered.
    pub(crate) fn columns(&self) -> [Value; 6] {
        let uuid = |id: Option<uuid::Uuid>| id.map_or(Value::Null(Kind::Uuid), Value::Uuid);
        let actor = match &self.actor {
            Actor::User { id, .. } => Some(id.uuid()),
            Actor::Clock | Actor::Console => None,
        };
        [
            Value::Int(self.at.micros()),
            Value::Text(self.event.kind().to_owned()),
            uuid(actor),
            uuid(self.about.project.map(ProjectId::uuid)),
            uuid(self.about.version.map(VersionId::uuid)),
            uuid(self.about.infrastructure.map(InfrastructureId::uuid)),
        ]
    }

    fn read(row: Vec<Value>, guard: &Guard) -> Result<Self, StoreError> {
        let mut row = row.into_iter();
        let body: Vec<u8> = column(row.next(), "events", "body")?;
        let seal: Vec<u8> = column(row.next(), "events", "seal")?;
        let event = Self::parse(&body)?;
        check_seal(guard, event.position, &body, &seal)?;
        Ok(event)
    }

    /// Reads the body of an event.
    ///
    /// # Errors
    /// Bytes that this program did not write.
    pub fn parse(body: &[u8]) -> Result<Self, StoreError> {
        serde_json::from_slice(body).map_err(|error| StoreError::Unreadable {
            table: "events",
            column: "body",
            reason: error.to_string(),
        })
    }

    /// The user who acted, if it was one.
    pub fn user(&self) -> Option<UserId> {
        match &self.actor {
            Actor::User { id, .. } => Some(*id),
            Actor::Clock | Actor::Console => None,
        }
    }
}

impl Reader {
    /// How many events there are, which also is the version of everything that the record covers: while it stays the same,
    /// so does every answer that rests on covered rows alone.
    pub async fn log_size(&mut self) -> Result<u64, StoreError> {
        Ok(self.log_frontier().await?.size())
    }

    /// Whether the head of the log bears the seal of the server with this key.
    pub async fn is_sealed_with(&mut self, key: &SealKey) -> Result<bool, StoreError> {
        let (size, edge, last_event_at, seal) = stated_head(self, HEAD).await?;
        let frontier = Frontier::from_bytes(size, &edge);
        Ok(frontier.is_ok_and(|frontier| key.is_of_head(&LogHead { frontier, last_event_at }, &seal)))
    }

    /// The head of the log.
    pub async fn log_head(&mut self) -> Result<LogHead, StoreError> {
        read_head(self, HEAD).await
    }

    /// The right edge of the log's tree.
    pub async fn log_frontier(&mut self) -> Result<Frontier, StoreError> {
        Ok(self.log_head().await?.frontier)
    }

    /// Events in order, from a position and a moment on: all of them, or those that are about each thing that `about` names. A version
    /// speaks for its model and project.
    pub async fn events(
        &mut self,
        about: About,
        from: u64,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<LoggedEvent>, StoreError> {
        let Some(from) = self.first_since(from, since).await? else {
            return Ok(Vec::new());
        };
        let range = [from.to_value(), Value::Int(since.micros()), Value::Int(limit.into())];
        let place = about.infrastructure.map(InfrastructureId::uuid);
        let of = |id, also: Option<Value>| [Value::Uuid(id)].into_iter().chain(range.clone()).chain(also).collect();
        let there = || Some(place.map_or(Value::Null(Kind::Uuid), Value::Uuid));
        let (sql, args): (_, Vec<_>) = match (about.version, about.project, place) {
            (Some(version), ..) => (EVENTS_OF_VERSION, of(version.uuid(), there())),
            (None, Some(project), _) => (EVENTS_OF_PROJECT, of(project.uuid(), there())),
            (None, None, Some(place)) => (EVENTS_OF_INFRASTRUCTURE, of(place, None)),
            (None, None, None) => (EVENTS, range.to_vec()),
        };
        self.events_by(sql, &args).await
    }

    /// The events that a query of body and seal gives.
    pub(crate) async fn events_by(&mut self, sql: Sql, args: &[Value]) -> Result<Vec<LoggedEvent>, StoreError> {
        let rows = self.rows(sql, args, &[Kind::Bytes, Kind::Bytes]).await?;
        let events = rows.into_iter().map(|row| LoggedEvent::read(row, &self.guard)).collect::<Result<Vec<_>, _>>()?;
        events.iter().for_each(|event| self.guard.learn(event.position, &event.rows));
        Ok(events)
    }

    /// The last events of an infrastructure before a position that are of these kinds, the last one first.
    ///
    /// # Errors
    /// When the database does not answer, or one of these events was altered.
    pub async fn last_events_on(
        &mut self,
        infrastructure: InfrastructureId,
        kinds: [&str; 3],
        before: u64,
        limit: u32,
    ) -> Result<Vec<LoggedEvent>, StoreError> {
        let kinds = kinds.map(|kind| Value::Text(kind.to_owned()));
        let range = [before.min(i64::MAX as u64).to_value(), limit.to_value()];
        let args: Vec<_> = [infrastructure.to_value()].into_iter().chain(kinds).chain(range).collect();
        let rows = self.rows(LAST_OF_KINDS, &args, &[Kind::Bytes, Kind::Bytes]).await?;
        let events = rows.into_iter().map(|row| LoggedEvent::read(row, &self.guard)).collect::<Result<Vec<_>, _>>()?;
        events.iter().for_each(|event| self.guard.learn(event.position, &event.rows));
        Ok(events)
    }

    /// Goes through the events that this process has not gone through yet, a page at once, up to this size.
    pub(crate) async fn learn(&mut self, size: u64) -> Result<(), StoreError> {
        const AT_ONCE: u64 = 1_000;
        loop {
            // Asked once a page: the writer before this one may be going through the same events, and what it has reached by now is no gap.
            let from = self.guard.through();
            if from >= size {
                return Ok(());
            }
            let page = self
                .rows(NEXT, &[from.to_value(), AT_ONCE.min(size - from).to_value()], &[Kind::Int, Kind::Bytes, Kind::Bytes])
                .await?;
            for row in page {
                let mut row = row.into_iter();
                let position: u64 = column(row.next(), "events", "position")?;
                let body: Vec<u8> = column(row.next(), "events", "body")?;
                let seal: Vec<u8> = column(row.next(), "events", "seal")?;
                check_seal(&self.guard, position, &body, &seal)?;
                let unreadable = |error: serde_json::Error| StoreError::Unreadable {
                    table: "events",
                    column: "body",
                    reason: error.to_string(),
                };
                let spoken: Spoken = serde_json::from_slice(&body).map_err(unreadable)?;
                self.guard.learn(spoken.position, &spoken.rows);
            }
            // A gap: an event is gone.
            if self.guard.through() == from {
                return Err(StoreError::Altered(format!("events/{from}")));
            }
        }
    }

    /// The first position from `from` on whose event is of this moment or later. By the index of times: the events before it are
    /// not read. The smallest of all positions that fit, since a clock may have been set back.
    async fn first_since(&mut self, from: u64, since: Timestamp) -> Result<Option<u64>, StoreError> {
        let here = self.rows(AT, &[from.to_value()], &[Kind::Int]).await?.pop().and_then(|mut row| row.pop());
        if matches!(here, Some(Value::Int(at)) if at >= since.micros()) {
            return Ok(Some(from));
        }
        // A client that follows the log asks at the end of the log. There the index of times would be searched in vain.
        if here.is_none() && from >= self.log_size().await? {
            return Ok(None);
        }
        Ok(u64::try_from(self.number::<i64>(FIRST_SINCE, &[Value::Int(since.micros()), from.to_value()]).await?).ok())
    }

    /// The last event about a version.
    pub async fn last_event_of(&mut self, version: VersionId) -> Result<Option<LoggedEvent>, StoreError> {
        let row = self.rows(LAST_OF_VERSION, &[Value::Uuid(version.uuid())], &[Kind::Bytes, Kind::Bytes]).await?.pop();
        row.map(|row| LoggedEvent::read(row, &self.guard)).transpose()
    }

    /// The position of the last event about a version.
    async fn last_position(&mut self, version: VersionId) -> Result<Option<u64>, StoreError> {
        Ok(u64::try_from(self.number::<i64>(LAST_POSITION, &[version.to_value()]).await?).ok())
    }

    /// The bytes of an event, from which its hash in the log is computed again.
    pub async fn event_bytes(&mut self, position: u64) -> Result<Option<EventBytes>, StoreError> {
        let Some(row) = self.rows(EVENT, &[position.to_value()], &[Kind::Bytes, Kind::Bytes]).await?.pop() else {
            return Ok(None);
        };
        let mut row = row.into_iter();
        let body: Vec<u8> = column(row.next(), "events", "body")?;
        let digest = column(row.next(), "events", "body_digest")?;
        Ok(Some(EventBytes { leaf: leaf_of(position, digest).to_bytes()?, body }))
    }

    /// Shows that the event at `position` is in the log of the present size.
    pub async fn inclusion_proof(&mut self, position: u64) -> Result<LogProof, StoreError> {
        let size = self.log_size().await?;
        self.inclusion_proof_at(position, size).await
    }

    /// Shows that the event at `position` is in the log of a size that the log has reached.
    pub async fn inclusion_proof_at(&mut self, position: u64, size: u64) -> Result<LogProof, StoreError> {
        self.prove(size, merkle::inclusion_nodes(position, size)).await
    }

    /// Shows that the log of an earlier size is the beginning of the present one.
    pub async fn consistency_proof(&mut self, earlier: u64) -> Result<LogProof, StoreError> {
        let size = self.log_size().await?;
        self.consistency_proof_to(earlier, size).await
    }

    /// Shows that the log of an earlier size is the beginning of the log of a later size that the log has reached.
    pub async fn consistency_proof_to(&mut self, earlier: u64, size: u64) -> Result<LogProof, StoreError> {
        self.prove(size, merkle::consistency_nodes(earlier, size)).await
    }

    async fn prove(&mut self, size: u64, nodes: Result<ProofNodes, MerkleError>) -> Result<LogProof, StoreError> {
        let failed = |error: MerkleError| StoreError::Log(error.to_string());
        let hashes = self.assemble(nodes.map_err(failed)?).await?;
        let root = self.assemble(merkle::root_nodes(size).map_err(failed)?).await?;
        Ok(LogProof { size, root: root.first().copied().unwrap_or_else(merkle::empty_root), hashes })
    }

    async fn assemble(&mut self, nodes: ProofNodes) -> Result<Vec<Sha256>, StoreError> {
        let mut hashes = HashMap::new();
        for id in nodes.needed() {
            hashes.insert((id.level, id.index), self.node_hash(id.level, id.index).await?);
        }
        let assembled = nodes.assemble(|id| hashes.get(&(id.level, id.index)).copied());
        assembled.map_err(|error| StoreError::Log(error.to_string()))
    }

    async fn node_hash(&mut self, level: u8, index: u64) -> Result<Sha256, StoreError> {
        let row = match level {
            0 => self.rows(LEAF, &[index.to_value()], &[Kind::Bytes]).await?.pop(),
            _ => self.rows(NODE, &[Value::Int(level.into()), index.to_value()], &[Kind::Bytes]).await?.pop(),
        };
        let hash: Digest = column(row.and_then(|mut row| row.pop()), "log_nodes", "hash")?;
        Ok(Sha256::from_bytes(*hash.as_bytes()))
    }
}
