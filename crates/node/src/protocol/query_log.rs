//! The query log: a line of JSON for each prediction, or for a sample.

mod entry;
mod file;
mod line;
mod log;
mod options;

pub(crate) use entry::QueryRecord;
pub use log::QueryLog;
pub use options::{QueryLogOptions, Sample};

#[cfg(test)]
mod tests;
