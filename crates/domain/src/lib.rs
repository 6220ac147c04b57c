//! The rules of Countersign: what a sign-off is, who may act, and what the gate answers.
//!
//! Pure: no async, no I/O, no clock, no HTTP, no SQL. Time, identity and everything looked up are arguments. So each
//! rule can be read, tested as a table and model-checked by itself.

pub mod absence;
pub mod access;
pub mod authors;
pub mod comparison;
pub mod deployment;
pub mod digest;
pub mod due;
pub mod duty;
pub mod event;
pub mod fields;
pub mod folding;
pub mod gate;
pub mod health;
pub mod ids;
pub mod infrastructure;
pub mod invitation;
pub mod mail;
pub mod name;
pub mod next_step;
pub mod notice;
mod parsed;
pub mod people;
pub mod refusal;
pub mod reviewers;
pub mod round_people;
pub mod signoff;
pub mod stage;
pub mod text;
pub mod time;
pub mod topic;
pub mod turn;
pub mod webhook;
pub mod work_days;
pub mod workflow;

pub use digest::Digest;
pub use ids::*;
pub use name::{DisplayName, Name, SignOffRef, SlotName, StepName, VersionRef};
pub use next_step::NextStep;
pub use refusal::{Refusal, RefusalKind};
pub use time::{Duration, Timestamp};
