//! Transactions. A reader sees one consistent state. A writer changes rows and records why; both commit together, or neither.

pub(crate) mod log;
mod origin;
mod outside;
mod reader;
pub(crate) mod record;
mod writer;

pub use log::EventSearch;
pub use origin::{About, KeyClaim, Origin};
pub use outside::OutsideWriter;
pub use reader::Reader;
pub use writer::{Committed, Writer};

/// Every statement of these files, by file, for the test that prepares them.
#[cfg(test)]
pub(crate) fn statements() -> Vec<(&'static str, Vec<(&'static str, crate::conn::Sql)>)> {
    let mut files = log::statements();
    files.push(("tx/outside.rs", outside::statements()));
    files
}
