//! The node's side of a model's process: starts the process, keeps it alive, and passes requests and answers on.

mod health;
mod memory_use;
mod outgoing;
mod pace;
mod queue;
mod socket;
mod spare_answers;
mod start;
mod stderr;
mod supervisor;

pub use outgoing::Outgoing;
pub use queue::{Queue, QueueError};
pub use start::{start, try_library};
pub use supervisor::{Command, Connection, Supervisor};
