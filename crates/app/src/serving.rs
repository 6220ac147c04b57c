//! Serving: what a node follows, the files that it fetches, and what it reports.

pub mod files;
pub mod log;
pub mod nodes;
pub mod plan;
