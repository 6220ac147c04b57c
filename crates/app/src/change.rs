//! Change: the one door that records every change, the consequences of an event, the statements that the server signs,
//! and the answers to repeated requests.

mod consequences;
mod door;
pub mod idempotency;
mod lapses;
pub(crate) mod permits;
pub(crate) mod statements;
mod subject;

pub(crate) use door::{prepare, record, transition, try_out};
pub use statements::Preparation;
pub(crate) use subject::Subject;
