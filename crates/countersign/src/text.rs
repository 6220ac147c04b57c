//! How the API's objects, refusals and next steps read in a terminal.

pub mod gate;
mod layout;
mod plain;

pub use layout::{Table, at, cell, entries, facts, items, section, time};
pub use plain::{is_hidden, plain, plain_lines};
