//! Where everything is kept: SQLite or PostgreSQL behind one `Store`, model files behind one `Files`. The only crate that names SQL.
//!
//! Every row of governance is written through [`Writer`], which notes its digest; a commit that changed a row without recording
//! an event is refused. So the record speaks of every row, and [`verify`] finds whatever was changed behind its back.

#[cfg(test)]
extern crate self as store;

mod conn;
#[cfg(test)]
#[path = "../tests/suite/database.rs"]
mod database;
mod error;
mod files;
mod log;
mod log_size;
mod open;
#[cfg(test)]
mod prepared;
mod query;
mod record;
mod rows;
mod tx;
mod value;
pub mod verify;
#[cfg(test)]
#[path = "../tests/suite/world.rs"]
mod world;

pub use error::StoreError;
pub use files::{Files, FilesConfig, FilesError, StoredFile};
pub use log::{LogProof, LoggedEvent};
pub use open::{Database, Store};
pub use record::{Later, Record, TableColumn};
pub use rows::*;
pub use tx::{About, Origin, Reader, Writer};
pub use value::Json;
