//! What the record keeps of a version in a revision.

use crate::{Digest, StatementId, VersionRef};
use serde::{Deserialize, Serialize};

/// A version's share of a revision, as the record keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedShare {
    /// The version.
    pub version: VersionRef,
    /// The digest of the version's files.
    pub model_digest: Digest,
    /// The version's part of the requests in percent.
    pub weight: u8,
    /// The permit that the server signed for this version.
    pub permit: Option<StatementId>,
}
