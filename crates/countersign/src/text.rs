//! How the API's objects, refusals and next steps read in a terminal.

pub mod gate;
mod layout;
mod plain;
pub mod version;

pub use layout::{Table, at, cell, facts, items, section, time};
pub use plain::{is_hidden, plain};
