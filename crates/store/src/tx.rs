//! Transactions. A reader sees one consistent state. A writer changes rows and records why; both commit together, or neither.

pub(crate) mod log;
mod log_search;
mod origin;
mod outside;
mod reader;
pub(crate) mod record;
mod writer;

pub use log_search::EventSearch;
pub use origin::{About, KeyClaim, Origin};
pub use outside::OutsideWriter;
pub use reader::Reader;
pub use writer::Writer;

/// Every statement of these files, by file, for the test that prepares them.
#[cfg(test)]
pub(crate) fn statements() -> Vec<(&'static str, Vec<(&'static str, crate::conn::Sql)>)> {
    vec![
        ("tx/log.rs", log::statements()),
        ("tx/log.rs", vec![("LOCK_HEAD", log::LOCK_HEAD)]),
        ("tx/log_search.rs", log_search::statements()),
        ("tx/outside.rs", outside::statements()),
    ]
}
