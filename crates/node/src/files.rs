//! The files of versions: fetched from the server, kept in a cache, and verified in both cases.

mod cache;
mod cache_writer;
mod disk_check;
mod fetch;

pub use cache::{FileCache, PlanWriteError};
pub use cache_writer::CacheWriter;
pub use disk_check::DiskCheck;
pub use fetch::{Fetcher, VersionFiles};
