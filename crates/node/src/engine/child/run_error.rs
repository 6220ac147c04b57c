//! Why a run gives no answer, from what the library says.

use std::io;

/// Why a run gave nothing.
pub enum RunError {
    /// It was called off.
    Cancelled,
    /// The library refused the inputs, and why.
    Refused(String),
    /// It had no memory, or gave what is no answer, and why.
    Failed(String),
    /// The request does not come as a whole.
    Broken(io::Error),
}

impl RunError {
    /// What the library says of a run is about the inputs, unless it is about memory.
    pub fn from_library(reason: String) -> Self {
        if is_about_memory(&reason) {
            return Self::Failed(format!("it asks for more memory than it may have: {reason}"));
        }
        Self::Refused(reason)
    }
}

impl From<io::Error> for RunError {
    fn from(error: io::Error) -> Self {
        Self::Broken(error)
    }
}

/// The library has no code for memory that it did not get, but words.
pub fn is_about_memory(message: &str) -> bool {
    ["bad_alloc", "bad allocation", "Failed to allocate memory"].iter().any(|sign| message.contains(sign))
}
