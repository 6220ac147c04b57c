//! Who writes, and what an event is about.

use domain::{Digest, InfrastructureId, ModelId, ProjectId, Timestamp, UserId, VersionId, event::Actor};
use serde::{Deserialize, Serialize};

/// A caller's idempotency key with the hash of the request that it belongs to.
pub type KeyClaim = (UserId, String, Digest);

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
