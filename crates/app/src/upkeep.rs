//! Upkeep: removes leftovers, and checks whether the server can work.

mod clean_up;
mod health;

pub use clean_up::clean_up;
pub use health::health;
