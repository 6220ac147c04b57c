//! Upkeep: removes leftovers, shows the states of the background jobs, and checks whether the server can work.

mod clean_up;
mod health;
mod jobs;

pub use clean_up::clean_up;
pub use health::health;
pub use jobs::list_jobs;
