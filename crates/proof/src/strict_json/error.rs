//! Why a document is refused.

/// Why a document is refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum StrictJsonError {
    /// More bytes than allowed.
    #[error("the JSON has {bytes} bytes and may have {max}: send less")]
    TooLarge {
        /// Bytes it has.
        bytes: usize,
        /// Bytes it may have.
        max: usize,
    },
    /// Not UTF-8.
    #[error("the JSON is not valid UTF-8 at byte {offset}: send it as UTF-8")]
    InvalidUtf8 {
        /// Where the first wrong byte is, from 0.
        offset: usize,
    },
    /// Arrays and objects too deep in one another.
    #[error("the JSON is nested deeper than {max} levels: flatten it")]
    TooDeep {
        /// Levels it may have.
        max: usize,
    },
    /// A key twice in one object.
    #[error("the key `{key}` appears twice at `{pointer}`: send it once")]
    DuplicateKey {
        /// The key.
        key: String,
        /// JSON pointer (RFC 6901) of the value that came second.
        pointer: String,
    },
    /// A number with a fraction or an exponent, where those are refused.
    #[error("the number at `{pointer}` has a fraction or an exponent: send it as a string")]
    Float {
        /// JSON pointer (RFC 6901) of the number.
        pointer: String,
    },
    /// An integer that fits neither i64 nor u64.
    #[error("the integer at byte {offset} does not fit 64 bits: send it as a string")]
    IntegerTooLarge {
        /// Where the number begins, from 0.
        offset: usize,
    },
    /// Not JSON, or something after it.
    #[error("not valid JSON: {0}")]
    Syntax(String),
}
