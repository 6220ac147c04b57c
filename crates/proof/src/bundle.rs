//! A bundle: everything that a stranger needs to check one approval with no server and no network.
//!
//! A bundle is one canonical JSON document (RFC 8785), so that every byte of the file is checked: either the byte says something that a
//! signature or a digest covers, or the file is no longer canonical. What is itself bytes (manifest, events, proofs) is a string of
//! exactly these bytes.

mod approved;
mod consistency;
mod format;
mod logged;
mod outcome;
mod permits;
mod verify;

pub use format::{Bundle, BundleError, Consistency, LoggedStatement, TYPE};
pub use outcome::{Check, Outcome};
pub use verify::{Expected, verify};

#[cfg(test)]
mod tests;
