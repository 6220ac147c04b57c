//! The leaf of an event in the log: which event it is, and the digest of the event's body, in about a hundred bytes.
//!
//! A leaf of format 2 is the canonical JSON (RFC 8785) of
//!
//! ```json
//! {"body":"<SHA-256 of the body's bytes, in hexadecimal>","format":2,"position":<the event's index in the log, from 0>}
//! ```
//!
//! and its hash in the log is that of RFC 6962: SHA-256 over a zero byte and the leaf's bytes. The body is canonical JSON too and tells
//! who did what. The log needs the leaf alone, so a body may be large, stay private, or be erased: what was logged about it remains true.
//! Each body carries a nonce, so nobody can guess a body and confirm the guess by its digest.

use crate::{
    canonical::{self, CanonicalError},
    merkle,
    sha256::Sha256,
};
use serde::{Deserialize, Serialize};

/// The format of the leaves that this version writes.
pub const FORMAT: u32 = 2;

/// What a leaf of format 2 says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventLeaf {
    /// The event's index in the log, from 0.
    pub position: u64,
    /// The SHA-256 of the bytes of the event's body.
    pub body: Sha256,
}

/// Why bytes are no leaf, or not the leaf of a body.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum LeafError {
    /// Not the JSON of a leaf.
    #[error("these bytes are no leaf of format {FORMAT}: {0}")]
    Syntax(String),
    /// Another format.
    #[error("the leaf has format {0}, and only format {FORMAT} is understood: use a newer program")]
    Format(u32),
    /// The right fields in other bytes than the canonical ones, which nobody would have logged.
    #[error("the leaf is not written canonically: take the bytes as they were logged")]
    NotCanonical,
    /// A body with another digest.
    #[error("the body is not the one that was logged: its digest is {0}, and the leaf says {1}")]
    Body(Sha256, Sha256),
}

/// The fields in the order of RFC 8785.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    body: Sha256,
    format: u32,
    position: u64,
}

impl EventLeaf {
    /// The leaf of the event with this body.
    pub fn of(position: u64, body: &[u8]) -> Self {
        Self { position, body: Sha256::of(body) }
    }

    /// The leaf's bytes.
    ///
    /// # Errors
    /// For a position beyond 2^53 - 1, which no log reaches.
    pub fn to_bytes(&self) -> Result<Vec<u8>, CanonicalError> {
        canonical::to_vec(&Wire { body: self.body, format: FORMAT, position: self.position })
    }

    /// The leaf's hash in the log.
    ///
    /// # Errors
    /// As [`Self::to_bytes`].
    pub fn hash(&self) -> Result<Sha256, CanonicalError> {
        Ok(merkle::leaf_hash(&self.to_bytes()?))
    }

    /// Reads a leaf, which must be exactly the bytes that [`Self::to_bytes`] writes.
    ///
    /// # Errors
    /// See [`LeafError`]; never panics, whatever the bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, LeafError> {
        let Wire { body, format, position } =
            serde_json::from_slice(bytes).map_err(|error| LeafError::Syntax(error.to_string()))?;
        if format != FORMAT {
            return Err(LeafError::Format(format));
        }
        let leaf = Self { position, body };
        if leaf.to_bytes().is_ok_and(|canonical| canonical == bytes) { Ok(leaf) } else { Err(LeafError::NotCanonical) }
    }

    /// Checks that these are the bytes of the event's body.
    ///
    /// # Errors
    /// When another body was logged.
    pub fn check_body(&self, body: &[u8]) -> Result<(), LeafError> {
        let digest = Sha256::of(body);
        if digest == self.body { Ok(()) } else { Err(LeafError::Body(digest, self.body)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"format":2}"#;
    // Computed with Python's hashlib.
    const LEAF: &str = r#"{"body":"0b0a51ca69f81b9b374767da7a28f0721a61251140339f82e3f9da3c55bb871b","format":2,"position":7}"#;
    const HASH: &str = "29b8a88c4f67a67787acfa05afd0fa0724db97ae48deb3c43b79e8465abcb497";

    #[test]
    fn a_leaf_has_these_bytes_and_this_hash() {
        let leaf = EventLeaf::of(7, BODY);
        assert_eq!(String::from_utf8(leaf.to_bytes().unwrap()).unwrap(), LEAF);
        assert_eq!(leaf.hash().unwrap().hex(), HASH);
        assert_eq!(EventLeaf::parse(LEAF.as_bytes()), Ok(leaf));
        assert_eq!(leaf.check_body(BODY), Ok(()));
    }

    #[test]
    fn another_body_is_refused() {
        let leaf = EventLeaf::of(7, BODY);
        for other in [&b""[..], br#"{"format":3}"#, br#"{"format":2} "#] {
            assert!(matches!(leaf.check_body(other), Err(LeafError::Body(..))));
        }
    }

    #[test]
    fn only_canonical_bytes_are_a_leaf() {
        for (bytes, refused) in [
            (LEAF.replace("\"format\":2", "\"format\":3"), "format 3"),
            (LEAF.replace("\"format\":2", "\"format\": 2"), "canonically"),
            (LEAF.replace(":7}", ":7.0}"), "no leaf"),
            (LEAF.replace(":7}", ":9007199254740992}"), "canonically"),
            (LEAF.replace(":7}", ":7,\"x\":1}"), "no leaf"),
            (LEAF.replace(":7}", ":7,\"position\":8}"), "no leaf"),
            (LEAF.replace(",\"position\":7", ""), "no leaf"),
            (format!("{LEAF}\n"), "canonically"),
            (String::new(), "no leaf"),
            (String::from_utf8(BODY.to_vec()).unwrap(), "no leaf"),
        ] {
            let error = EventLeaf::parse(bytes.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(refused), "{bytes}: {error}");
        }
        assert!(EventLeaf::of(1 << 53, BODY).to_bytes().is_err());
    }
}
