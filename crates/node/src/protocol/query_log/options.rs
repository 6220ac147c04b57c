//! What the query log writes, and where.

use std::path::PathBuf;

/// What to write down, and where.
#[derive(Clone, Debug)]
pub struct QueryLogOptions {
    /// The file; earlier ones have `.1`, `.2` and so on after its name.
    pub file: PathBuf,
    /// Which requests.
    pub sample: Sample,
    /// Whether with their inputs.
    pub inputs: bool,
    /// Bytes after which a new file begins.
    pub file_bytes: u64,
    /// How many earlier files are kept.
    pub kept: usize,
}

impl QueryLogOptions {
    /// All requests without their inputs into this file: 64 MiB each, five kept.
    pub fn new(file: impl Into<PathBuf>) -> Self {
        Self { file: file.into(), sample: Sample::All, inputs: false, file_bytes: 64 << 20, kept: 5 }
    }
}

/// Which requests are written down.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sample {
    /// Each.
    All,
    /// This part of them, from 0 to 1.
    Fraction(f64),
}
