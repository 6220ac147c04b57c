//! Projects: creating and showing them, their rules, members, reviewers and models.

mod create;
pub(crate) mod list;
pub mod members;
pub mod models;
pub mod models_table;
pub mod overview;
pub mod reviewers;
pub mod rules;
mod show;
pub(crate) mod view;

pub use create::create;
pub use list::list;
pub use show::show;
