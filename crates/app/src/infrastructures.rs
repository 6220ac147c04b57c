//! Infrastructures: creating and showing them, their policy and their members.

mod accepts;
mod actor;
mod create;
pub mod gate_log;
pub(crate) mod list;
pub mod members;
pub mod overview;
pub mod policies;
pub mod policy;
pub mod preview;
mod show;
pub(crate) mod view;

pub use create::create;
pub use list::list;
pub use show::show;
