//! Infrastructures: creating and showing them, their policy and their members.

mod accepts;
mod create;
pub(crate) mod list;
pub mod members;
pub mod policy;
mod show;
pub(crate) mod view;

pub use create::create;
pub use list::list;
pub use show::show;
