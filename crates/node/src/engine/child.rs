//! The process of one model, which the node starts.

mod outbox;
mod process;
mod requests;
mod run_error;
mod run_state;
mod session;
mod session_loop;
mod signature;
mod values;

pub use process::run;
