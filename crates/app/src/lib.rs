//! Use cases: one file for each thing a person does.
//!
//! Each takes an [`OpContext`] (who, when, for which request) and gives a view that API, pages and command line show alike.
//! A use case opens one transaction, asks the domain, saves, records, commits; nothing else decides anything.

pub mod error;
pub mod views;

mod circle;
mod context;
mod find;
mod governance;
mod health;
mod keys;
mod lapse;
mod memory;
mod secret;
mod server;
mod show;
mod statements;

pub mod audit;
pub mod change_fields;
pub mod clean_up;

pub mod create_infrastructure;
pub mod create_project;
pub mod create_version;
pub mod decide;
pub mod deploy;
pub mod deployments;
pub mod expire;
pub mod files;
pub mod gate;
pub mod groups;
pub mod inbox;
pub mod infrastructure_policy;
pub mod invitations;
pub mod members;
pub mod models;
pub mod nodes;
pub mod renew;
pub mod replay;
pub mod review;
pub mod reviewers;
pub mod serving;
pub mod serving_files;
pub mod show_review;
pub mod sign_in;
pub mod tokens;
pub mod uploads;
pub mod users;
pub mod versions;

pub use context::{Caller, Clock, Entropy, IdempotencyKey, OpContext, SystemClock, SystemEntropy};
pub use error::Error;
pub use find::Page;
pub use keys::{Keys, KeysError};
pub use server::{Limits, Server, Settings};
