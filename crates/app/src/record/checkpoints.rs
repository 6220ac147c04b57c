//! Signs the next checkpoint of the log.

use crate::{
    Error, OpContext, Server,
    base::{error::Code, signed_checkpoint::continues},
};
use domain::NextStep;
use proof::checkpoint;
use std::{io::Write, path::Path};

/// Signs the present size and root of the log, unless that was done.
///
/// The largest signed checkpoint is kept in a file outside of the database before the signature is given away. When the log is
/// shorter than that, or not its continuation, nothing is signed: a restored copy must not fork the log.
///
/// # Errors
/// As said; or when the file cannot be written.
pub async fn sign_checkpoint(server: &Server) -> Result<String, Error> {
    // Two at once could both read the old file and write theirs over each other's.
    let _alone = server.checkpoint_turn.lock().await;
    loop {
        // Before the log is looked at: it can only have grown since, also where another server on the same data signs.
        let last = server.keys.last_signed().map_err(Error::internal)?;
        let mut reader = server.store.read().await?;
        let frontier = reader.log_frontier().await?;
        if let Some((note, last)) = &last {
            if last.size == frontier.size() && last.root == frontier.root() {
                return Ok(note.clone());
            }
            let refuse = |message: String| Err(Error::new(Code::LogForked, message).next(NextStep::VerifyStore));
            if last.size >= frontier.size() {
                return refuse(format!("the log has {} events, but a checkpoint over {} was signed", frontier.size(), last.size));
            }
            if !continues(&mut reader, last).await? {
                return refuse(format!("the log is not a continuation of the checkpoint over {} events", last.size));
            }
        }
        drop(reader);
        let checkpoint =
            proof::Checkpoint { origin: server.keys.log.name().to_owned(), size: frontier.size(), root: frontier.root() };
        let note = checkpoint::sign(&checkpoint, &server.keys.log).map_err(Error::internal)?;
        let before = last.as_ref().map(|(note, _)| note.as_str());
        if write_after(&server.keys.checkpoint_file, before, &note).map_err(Error::internal)? {
            return Ok(note);
        }
    }
}

/// Writes the file if it still holds what was read before. The lock keeps out another server on the same data; it goes with
/// the process, and nothing is waited for while it is held.
fn write_after(path: &Path, before: Option<&str>, text: &str) -> std::io::Result<bool> {
    let lock = std::fs::File::create(path.with_extension("lock"))?;
    lock.lock()?;
    let present = match std::fs::read_to_string(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        read => Some(read?),
    };
    if present.as_deref() != before {
        return Ok(false);
    }
    write_durably(path, text)?;
    Ok(true)
}

fn write_durably(path: &Path, text: &str) -> std::io::Result<()> {
    let draft = path.with_extension("draft");
    let mut file = std::fs::File::create(&draft)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&draft, path)?;
    std::fs::File::open(path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")))?.sync_all()
}

/// The present checkpoint, signed if it was not yet.
///
/// # Errors
/// When nobody is signed in; when the log is not a continuation of what was signed before.
pub async fn checkpoint(op: &OpContext) -> Result<String, Error> {
    op.user()?;
    sign_checkpoint(op).await
}
