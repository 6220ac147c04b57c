//! A bundle: everything that a stranger needs to check one approval with no server and no network.
//!
//! A bundle is one canonical JSON document (RFC 8785), so that every byte of the file is checked: the byte says something that a
//! signature or a digest covers, or without it the file is not canonical, or a check that was asked for is not shown. What is itself
//! bytes (manifest, events, proofs) is a string of exactly these bytes.

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
