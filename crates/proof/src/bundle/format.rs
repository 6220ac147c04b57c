//! The file of a bundle.

use crate::{
    canonical::{self, CanonicalError},
    dsse::Envelope,
    sha256::Sha256,
};
use serde::{Deserialize, Serialize};

/// The type of a bundle.
pub const TYPE: &str = "urn:countersign:bundle:v1";
/// The largest bundle that is read.
pub const MAX_BYTES: usize = 128 << 20;

/// What a bundle holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    /// [`TYPE`].
    #[serde(rename = "type")]
    pub bundle_type: String,
    /// The manifest: the model digest is the SHA-256 of its bytes.
    pub manifest: String,
    /// The governed fields that the approver was shown, as canonical JSON.
    pub considered: String,
    /// The feedback that the approver considered, as canonical JSON.
    pub feedback: String,
    /// The decisions of the round, in the order of the log: the approval, and the revocation if there was one.
    pub decisions: Vec<LoggedStatement>,
    /// The newest permit of each service that rests on the approval.
    pub permits: Vec<LoggedStatement>,
    /// Proofs that the log continues earlier checkpoints.
    pub consistency: Vec<Consistency>,
}

/// A signed statement, with the event that recorded it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoggedStatement {
    /// The DSSE envelope.
    pub envelope: Envelope,
    /// The bytes of the event's body.
    pub event: String,
    /// The proof that the event is in the log, as C2SP `tlog-proof`.
    pub proof: String,
}

/// A proof that the log of an earlier size is the beginning of the bundle's log (RFC 6962).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consistency {
    /// The earlier size.
    pub from: u64,
    /// The hashes, in hexadecimal.
    pub hashes: Vec<Sha256>,
}

/// Why bytes are no bundle.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum BundleError {
    /// Too long.
    #[error("the bundle has {0} bytes, and may have {MAX_BYTES}")]
    TooLong(usize),
    /// Not the JSON of a bundle.
    #[error("not a bundle: {0}")]
    Syntax(String),
    /// Another type.
    #[error("the file is a `{0}`, not a `{TYPE}`: use a newer program, or give a bundle")]
    Type(String),
    /// Another spelling than the canonical one.
    #[error("the bundle is not written canonically: a byte was altered, or a program wrote the file anew")]
    NotCanonical,
}

impl Bundle {
    /// The bytes of the file.
    ///
    /// # Errors
    /// Texts that have no canonical form.
    pub fn to_bytes(&self) -> Result<Vec<u8>, CanonicalError> {
        canonical::to_vec(self)
    }

    /// Reads a bundle, which must be exactly the bytes that [`Self::to_bytes`] writes.
    ///
    /// # Errors
    /// See [`BundleError`]; never panics, whatever the bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, BundleError> {
        if bytes.len() > MAX_BYTES {
            return Err(BundleError::TooLong(bytes.len()));
        }
        let bundle: Self = serde_json::from_slice(bytes).map_err(|error| BundleError::Syntax(error.to_string()))?;
        if bundle.bundle_type != TYPE {
            return Err(BundleError::Type(bundle.bundle_type));
        }
        match bundle.to_bytes() {
            Ok(canonical) if canonical == bytes => Ok(bundle),
            _ => Err(BundleError::NotCanonical),
        }
    }
}
