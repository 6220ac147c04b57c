//! The storage: SQLite or PostgreSQL behind one `Store`, model files behind one `Files`. Only this crate has SQL.
//!
//! [`Writer`] writes every row that the record covers and notes its digest. A commit of a changed row without an event is
//! refused. So the record names every row, and [`verify`] finds rows that somebody altered in the database.

#[cfg(test)]
extern crate self as store;

mod backup;
mod conn;
#[cfg(test)]
#[path = "../tests/suite/database.rs"]
mod database;
mod database_file;
mod error;
mod files;
mod guard;
mod kept_connections;
mod log_head;
mod log_size;
mod open;
mod pools;
#[cfg(test)]
mod prepared;
mod query;
mod rows;
mod seal;
mod tx;
mod uncovered;
mod value;
pub mod verify;
#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the store is tested beneath the use cases that stand on it")]
#[path = "../tests/suite/world.rs"]
mod world;

pub use backup::{BackupError, Exported};
pub use error::StoreError;
pub use files::{Files, FilesConfig, FilesError, StoredFile};
pub use log_head::LogHead;
pub use log_size::LogMark;
pub use open::Store;
pub use pools::Database;
pub use rows::*;
pub use seal::SealKey;
pub(crate) use tx::record;
pub use tx::{
    About, Committed, EventSearch, KeyClaim, Origin, OutsideWriter, Reader, Writer,
    log::{EventBytes, LogProof, LoggedEvent},
    record::{Later, Record, SignedStatement, TableColumn},
};
pub use uncovered::*;
pub use value::Json;
