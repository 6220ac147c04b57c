//! The record: reads it, proves what is in it, signs its checkpoints, and verifies the store against it.

mod changes;
mod checkpoints;
mod envelope;
mod envelopes;
mod head;
mod keys;
pub(crate) mod list;
mod log_key;
mod names;
mod proofs;
mod search;
mod stored_checkpoints;
mod verified_statements;
mod verify;

pub use checkpoints::{checkpoint, log_state, sign_checkpoint};
pub use head::{LogHead, head};
pub use keys::{key_id, log_key, public_key};
pub use list::list;
pub use log_key::{continue_log, rotate_log_key};
pub(crate) use proofs::{checkpoint_size, logged};
pub use proofs::{consistency, event, inclusion, tlog_proof};
pub use search::{export, may_read, search, show};
pub use verify::{KeptCheckpoint, Verification, verify, verify_store};
