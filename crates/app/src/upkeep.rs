//! Upkeep: removes leftovers, shows the states of the background jobs, and checks whether the server can work.

mod clean_up;
mod figures;
mod health;
mod jobs;

pub use clean_up::clean_up;
pub use figures::{describe_metrics, measure};
pub use health::health;
pub use jobs::list_jobs;
