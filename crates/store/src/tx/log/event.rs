//! An event as the log has it.

use crate::{
    StoreError,
    guard::Guard,
    record::column,
    tx::About,
    value::{Kind, Value},
};
use domain::{Digest, InfrastructureId, ProjectId, Timestamp, UserId, VersionId, event::Actor, event::Event};
use proof::{EventLeaf, Sha256};
use serde::{Deserialize, Serialize};

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

/// The bytes of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventBytes {
    /// The leaf's content: its RFC 6962 hash is in the log.
    pub leaf: Vec<u8>,
    /// The canonical JSON of the [`LoggedEvent`].
    pub body: Vec<u8>,
}

/// The leaf of an event whose body has this digest.
pub(crate) fn leaf_of(position: u64, body: Digest) -> EventLeaf {
    EventLeaf { position, body: Sha256::from_bytes(*body.as_bytes()) }
}

/// Refuses an event that no server of this database appended.
pub(super) fn check_seal(guard: &Guard, position: u64, body: &[u8], seal: &[u8]) -> Result<(), StoreError> {
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

    pub(super) fn read(row: Vec<Value>, guard: &Guard) -> Result<Self, StoreError> {
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
