//! Why a value has no canonical form.

/// The largest integer that every JSON reader keeps exactly: 2^53 - 1 (RFC 8785, section 3.2.2.3).
pub const MAX_INTEGER: u64 = (1 << 53) - 1;

/// A value that has no canonical form.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum CanonicalError {
    /// A floating-point number, whose text depends on who writes it.
    #[error("{0} is a floating-point number: write it as a string")]
    Float(String),
    /// An integer beyond ±(2^53 - 1).
    #[error("{0} is beyond ±9007199254740991, which JSON readers cannot all hold: write it as a string")]
    Integer(String),
    /// The same key twice in one object.
    #[error("the key `{0}` appears twice in one object: give each its own name")]
    DuplicateKey(String),
    /// A map whose keys are not strings.
    #[error("a map key is not a string: write map keys as strings")]
    KeyNotString,
    /// Raw bytes, for which JSON has no form.
    #[error("JSON has no bytes: write them as a string in hexadecimal or base64")]
    Bytes,
    /// The value's own serialisation failed.
    #[error("the value cannot be written: {0}")]
    Value(String),
}
