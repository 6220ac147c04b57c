//! The record: reading it, proving what is in it, signing its checkpoints, and verifying the whole store against it.

mod checkpoints;
mod envelopes;
mod keys;
pub(crate) mod list;
mod proofs;
mod verify;

pub use checkpoints::{checkpoint, sign_checkpoint};
pub use keys::{log_key, public_key};
pub use list::list;
pub use proofs::{consistency, inclusion};
pub use verify::verify_store;
