//! The files of versions: fetched from the server, kept in a cache, and verified in both cases.

mod cache;
mod cache_writer;
mod fetch;

pub use cache::{FileCache, PlanWriteError};
pub use cache_writer::CacheWriter;
pub use fetch::{Fetcher, VersionFiles};
