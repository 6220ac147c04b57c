//! Use cases: one file for each thing a person does, in the room of the thing that they do it to.
//!
//! Each takes an [`OpContext`] (who, when, for which request) and gives a view that API, pages and command line show alike.
//! A use case opens one transaction, asks the domain, saves, records, commits; nothing else decides anything.

pub mod base;
pub mod change;
pub mod deployments;
pub mod gate;
pub mod infrastructures;
pub mod people;
pub mod projects;
pub mod record;
pub mod reviews;
pub mod serving;
pub mod upkeep;
pub mod versions;
pub mod views;

pub use base::{
    clock::{Clock, Entropy, SystemClock, SystemEntropy},
    context::{Caller, IdempotencyKey, OpContext},
    error::{self, Error},
    keys::{Keys, KeysError},
    page::Page,
    server::{Limits, Server, Settings},
};
