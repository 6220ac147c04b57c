//! The record: reads it, proves what is in it, signs its checkpoints, and verifies the store against it.

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
pub use verify::{KeptCheckpoint, Verification, verify, verify_store};
