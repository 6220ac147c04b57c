//! The last checkpoint that the server signed, in a file outside of the database.

use proof::{LogKey, checkpoint, merkle};
use std::path::Path;
use store::{Reader, StoreError};

/// A signed checkpoint: the note, and its content.
pub(crate) type Signed = (String, proof::Checkpoint);

/// The last checkpoint that was signed with this key of the log, from its file.
pub(super) fn last_signed(file: &Path, log: &LogKey) -> Result<Option<Signed>, NotReadable> {
    match std::fs::read_to_string(file) {
        Ok(note) => {
            let checkpoint = checkpoint::open(&note, &log.vkey())?;
            Ok(Some((note, checkpoint)))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The file exists, but holds no checkpoint of this server.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotReadable {
    /// The file system refused, or the file is no text.
    #[error("the file cannot be read: {0}")]
    Io(#[from] std::io::Error),
    /// Damaged, or signed with another key or under another name.
    #[error("the file is no checkpoint of this server: {0}")]
    Note(#[from] proof::NoteError),
}

/// Whether the present log continues a checkpoint.
pub(crate) async fn continues(reader: &mut Reader, last: &proof::Checkpoint) -> Result<bool, StoreError> {
    if last.size > reader.log_size().await? {
        return Ok(false);
    }
    let proof = reader.consistency_proof(last.size).await?;
    Ok(merkle::verify_consistency(last.size, proof.size, &proof.hashes, &last.root, &proof.root).is_ok())
}
