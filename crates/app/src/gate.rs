//! The gate: its facts, its answer, and its refusal as an error that says how to go on.

mod acknowledge;
mod answer;
mod asker;
pub(crate) mod candidate;
mod check;
mod everywhere;
pub(crate) mod facts;
mod quick_facts;
pub(crate) mod refusal;
pub(crate) mod same_bytes;

pub use check::check;
pub use everywhere::everywhere;
