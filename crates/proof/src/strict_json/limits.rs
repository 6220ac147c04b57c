//! What a document may be.

/// What a document may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most bytes it may have.
    pub max_bytes: usize,
    /// How deep arrays and objects may lie in one another; `[]` is 1. At most 127.
    pub max_depth: usize,
    /// Whether numbers may have a fraction or an exponent.
    pub floats: Floats,
}

/// Whether numbers may have a fraction or an exponent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Floats {
    /// They may.
    Allowed,
    /// They are an error.
    Refused,
}

impl Limits {
    /// For what is signed: 1 MiB, 32 levels, no floating-point numbers.
    pub const STATEMENT: Self = Self { max_bytes: 1 << 20, max_depth: 32, floats: Floats::Refused };
    /// For what a client sends: 1 MiB, 32 levels.
    pub const REQUEST: Self = Self { max_bytes: 1 << 20, max_depth: 32, floats: Floats::Allowed };
}
