//! Signs the next checkpoint of the log. One server of a database does: the one that has the key of the log. The others keep what it
//! signed.

use crate::{
    Error, OpContext, Server,
    base::{
        continuation::Signed,
        error::Code,
        signed_checkpoint::{LogState, continued, nobody_signs},
    },
};
use domain::NextStep;
use proof::{LogKey, checkpoint};
use std::{io::Write, path::Path};
use store::OutsideWriter;

/// Signs the present size and root of the log, unless that was done; gives the newest checkpoint.
///
/// The head of the log is held meanwhile, so that no two servers sign at once. The checkpoint is kept in a file outside of the database
/// before the signature is given away, and then in the database. A server without the key of the log gives, and keeps in its file, what
/// another server signed last.
///
/// # Errors
/// When the log does not continue the last signed checkpoint: a restored copy must not fork the log. When the file cannot be written;
/// where no server has signed yet, on one without the key.
pub async fn sign_checkpoint(server: &Server) -> Result<String, Error> {
    // Two at once would wait for each other in the database.
    let _alone = server.checkpoint_turn.lock().await;
    let mut reader = server.store.read().await?;
    let head = reader.log_frontier().await?;
    if let LogState { last: Some((note, last)), key, .. } = continued(server, &mut reader).await?
        && last.size == head.size()
        && reader.newest_checkpoint(key.number).await?.is_some_and(|stored| stored == note)
        && kept(&server.keys.checkpoint_file)?.is_some_and(|kept| kept == note)
    {
        return Ok(note);
    }
    drop(reader);
    let mut tx = server.store.write_outside().await?;
    tx.hold_log().await?;
    let state = continued(server, &mut tx).await?;
    match server.keys.log.key(&state.key.vkey).map_err(Error::internal)? {
        Some(key) => sign(server, tx, &state, &[&key]).await,
        None => keep_what_another_signed(server, &mut tx, &state).await,
    }
}

/// Whether this server has the key of the log, which continues what was signed.
///
/// # Errors
/// When the log does not continue what was signed; when nobody signs the log; when the database does not answer.
pub async fn log_state(server: &Server) -> Result<bool, Error> {
    let state = continued(server, &mut server.store.read().await?).await?;
    match state.unsigned {
        Some(unsigned) if unsigned.is_overdue() => Err(nobody_signs(&unsigned.reason())),
        unsigned => Ok(unsigned.is_none()),
    }
}

/// Signs under the held head with these keys, the first of which is the key of today.
pub(super) async fn sign(
    server: &Server,
    mut tx: OutsideWriter,
    LogState { key: row, last, .. }: &LogState,
    keys: &[&LogKey],
) -> Result<String, Error> {
    let head = tx.log_frontier().await?;
    let [today, before @ ..] = keys else { return Err(Error::internal("a checkpoint needs a key")) };
    let present = match last {
        Some((note, last)) if last.size == head.size() && checkpoint::open(note, &row.vkey).is_ok() => note.clone(),
        _ => {
            let present = proof::Checkpoint { origin: today.name().to_owned(), size: head.size(), root: head.root() };
            checkpoint::sign(&present, today).map_err(Error::internal)?
        }
    };
    // A running server may have signed already, with the key of today alone.
    let missing = before.iter().filter(|key| checkpoint::open(&present, &key.vkey()).is_err());
    let present = missing.into_iter().try_fold(present.clone(), |note, key| checkpoint::add_signature(&note, key));
    let present = present.map_err(Error::internal)?;
    write_after(&server.keys.checkpoint_file, last.as_ref(), &present)?;
    tx.keep_checkpoint(row.number, head.size(), &present, server.clock.now()).await?;
    tx.commit().await?;
    Ok(present)
}

async fn keep_what_another_signed(server: &Server, tx: &mut OutsideWriter, state: &LogState) -> Result<String, Error> {
    let Some(note) = tx.newest_checkpoint(state.key.number).await? else {
        let message = "this server does not have the key of the log, and the server that has it has signed no checkpoint yet";
        return Err(Error::new(Code::Unavailable, message).next(NextStep::TryAgain));
    };
    let stored = checkpoint::open(&note, &state.key.vkey).map_err(Error::internal)?;
    if state.last.as_ref().is_none_or(|(_, last)| last.size <= stored.size) {
        write_after(&server.keys.checkpoint_file, state.last.as_ref(), &note)?;
    }
    Ok(note)
}

fn kept(path: &Path) -> Result<Option<String>, Error> {
    match std::fs::read_to_string(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        read => read.map(Some).map_err(Error::internal),
    }
}

/// Writes the file, unless it holds a larger checkpoint than when it was read. The lock keeps out another server on the same folder; it
/// goes with the process, and nothing is waited for while it is held.
fn write_after(path: &Path, last: Option<&Signed>, text: &str) -> Result<(), Error> {
    let write = || -> std::io::Result<bool> {
        let lock = std::fs::File::create(path.with_extension("lock"))?;
        lock.lock()?;
        let present = match std::fs::read_to_string(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            read => Some(read?),
        };
        if present.as_deref() == Some(text) {
            return Ok(true);
        }
        let size = |note: &str| note.lines().nth(1).and_then(|size| size.parse::<u64>().ok());
        let known = last.map(|(_, last)| last.size);
        if present.as_deref().and_then(size) > known.max(size(text)) {
            return Ok(false);
        }
        write_durably(path, text)?;
        Ok(true)
    };
    match write().map_err(Error::internal)? {
        true => Ok(()),
        // Another server on this folder, and on another database, signed meanwhile.
        false => {
            Err(Error::new(Code::LogForked, "nothing is signed: another server signed a larger log").next(NextStep::ContinueLog))
        }
    }
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
