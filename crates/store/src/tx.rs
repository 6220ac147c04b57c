//! Transactions. A reader sees one consistent state. A writer changes rows and records why; both commit together, or neither.

pub(crate) mod log;
mod outside;
mod reader;
pub(crate) mod record;
mod writer;

pub use outside::{KeyClaim, OutsideWriter};
pub use reader::Reader;
pub(crate) use writer::Pending;
pub use writer::Writer;

use domain::{InfrastructureId, ModelId, ProjectId, Timestamp, VersionId, event::Actor};
use serde::{Deserialize, Serialize};

/// Who writes, when, for which request; the same for every event of a transaction.
#[derive(Clone, Debug)]
pub struct Origin {
    /// Who acts.
    pub actor: Actor,
    /// The moment of acting.
    pub at: Timestamp,
    /// The id of the request, for finding it in the server's own log.
    pub request: String,
    /// Fresh randomness from which the nonces of the events are derived.
    pub seed: [u8; 32],
    /// The caller's idempotency key with the hash of its request, if it sent one.
    pub key: Option<KeyClaim>,
}

/// What an event is about, for finding it again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// The project.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub project: Option<ProjectId>,
    /// The model.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub model: Option<ModelId>,
    /// The version.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub version: Option<VersionId>,
    /// The infrastructure.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub infrastructure: Option<InfrastructureId>,
}

/// Every statement of these files, by file, for the test that prepares them.
#[cfg(test)]
pub(crate) fn statements() -> Vec<(&'static str, Vec<(&'static str, crate::conn::Sql)>)> {
    vec![
        ("tx/log.rs", log::statements()),
        ("tx/log.rs", vec![("LOCK_HEAD", log::LOCK_HEAD)]),
        ("tx/outside.rs", outside::statements()),
    ]
}
