//! Runs a node: one loop that never waits, and the tasks that load, follow and report for it.

mod load;
mod node_loop;
mod parts;
mod report;
mod status;

pub use node_loop::run;
pub use parts::{NodeParts, RunError};
pub use status::NodeStatus;
