//! The gate: asking it, what it rests on, and its no as an error that leads on.

mod acknowledge;
mod answer;
pub(crate) mod candidate;
mod check;
pub(crate) mod facts;
pub(crate) mod refusal;

pub use check::check;
