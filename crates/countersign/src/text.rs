//! How the API's objects, refusals and next steps read in a terminal: a file for each noun. Other people's text reaches the
//! terminal only as a [`Cell`] or a [`Text`], and neither can contain a character that the terminal would act on.

pub mod absence;
pub mod bundle;
mod cell;
pub mod check;
pub mod comparison;
pub mod deployment;
pub mod difference;
mod event;
pub mod gate;
pub mod group;
pub mod inbox;
pub mod infrastructure;
mod layout;
pub mod mail;
pub mod model;
pub mod next_step;
mod password;
mod plain;
pub mod prediction;
pub mod project;
pub mod record;
pub mod refusal;
pub mod review;
pub mod token;
pub mod user;
pub mod version;
pub mod webhook;

pub use cell::{Cell, Show};
pub(crate) use layout::cells;
pub use layout::{Table, Text, entries, facts, section, sentences};
pub use plain::{is_hidden, plain};
