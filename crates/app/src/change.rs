//! What is written with a change: signed statements, and the answers to repeated requests.

pub mod idempotency;
pub(crate) mod statements;
