//! The record as a Merkle log (RFC 6962): appends events, reads them, and proves that they are in the log.
//!
//! Each event's canonical bytes are a leaf. A table keeps the hashes of perfect subtrees. One head row, which the writer holds,
//! gives the next position, so positions have no gaps and no two writers get one position.

mod append;
mod event;
mod head;
mod learn;
mod proofs;
mod read;
mod search;

pub(crate) use append::{Pending, append};
pub(crate) use event::leaf_of;
pub use event::{EventBytes, LoggedEvent};
pub(crate) use head::{hold_head, lock_head, opened};
pub use proofs::LogProof;
pub use search::EventSearch;

/// Every statement of these files, by file, for the test that prepares them.
#[cfg(test)]
pub(crate) fn statements() -> Vec<(&'static str, Vec<(&'static str, crate::conn::Sql)>)> {
    vec![
        ("tx/log/append.rs", append::statements()),
        ("tx/log/append.rs", vec![("ADD_EVENT", append::ADD_EVENT)]),
        ("tx/log/head.rs", head::statements()),
        ("tx/log/head.rs", vec![("LOCK_HEAD", head::LOCK_HEAD)]),
        ("tx/log/learn.rs", learn::statements()),
        ("tx/log/proofs.rs", vec![("NODES", proofs::NODES)]),
        ("tx/log/read.rs", read::statements()),
        ("tx/log/search.rs", search::statements()),
    ]
}
