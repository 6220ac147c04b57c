//! Versions: uploading files, registering, showing, and changing the governed fields.

mod authors;
mod bundle;
mod compare;
mod create;
pub mod fields;
pub mod files;
pub(crate) mod list;
mod schema;
mod servability;
mod sheet;
mod show;
pub mod table;
pub mod uploads;
pub(crate) mod view;

pub use bundle::{bundle, permits_of};
pub use compare::compare;
pub use create::create;
pub use list::list;
pub use sheet::sheet;
pub use show::{show, statements};
