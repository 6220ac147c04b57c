//! The file in which a node keeps what it saw of the log, for its next start.

use proof::Handover;
use serde::{Deserialize, Serialize};

/// What the file holds. The node verifies the checkpoint and each change of the key again when it starts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WitnessFile {
    /// The largest checkpoint, a signed note.
    pub checkpoint: Option<String>,
    /// The changes of the log's key since the key in the trust file.
    pub handovers: Vec<Handover>,
    /// The logs that the operator accepted in place of another.
    pub accepted: Vec<Acceptance>,
}

/// The word of an operator that another log counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acceptance {
    /// The checkpoint of the log that counts from then on.
    pub checkpoint: String,
    /// The checkpoint that counted before.
    pub given_up: Option<String>,
    /// When, as RFC 3339.
    pub at: String,
}

impl WitnessFile {
    /// Reads the file.
    ///
    /// # Errors
    /// When it is another file.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(bytes).map_err(|error| error.to_string())
    }

    /// The bytes of the file.
    pub fn to_bytes(&self) -> Vec<u8> {
        // Strings, and lists of strings: nothing in it can fail.
        serde_json::to_vec_pretty(self).unwrap_or_default()
    }
}
