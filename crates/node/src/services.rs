//! Which services a node serves: what the plan wants, what permits allow, and what is loaded.

mod loads;
mod manager;
mod permit;
mod planned;
mod table;

pub use loads::{LoadFailure, LoadOutcome, VersionKey};
pub use manager::ServiceManager;
pub use permit::{Permit, Trust};
pub use table::{Arm, Condition, CurrentTable, Service, Table};
