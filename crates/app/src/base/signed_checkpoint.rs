//! The last signed checkpoint: in a file outside of the database, and in the database. Nothing is signed where the log does not continue
//! it: the database is older than what was signed, or another one.

use crate::{
    Error, Server,
    base::{
        continuation::{Compared, Signed},
        error::Code,
        unsigned::Unsigned,
    },
};
use domain::NextStep;
use proof::{Checkpoint, checkpoint, merkle};
use store::{LogKeyRow, Reader, StoreError};

/// What a server knows of what was signed of its log.
pub(crate) struct LogState {
    /// The key of today.
    pub key: LogKeyRow,
    /// The largest checkpoint that the log continues.
    pub last: Option<Signed>,
    /// What waits for a signature; none on the server that signs.
    pub unsigned: Option<Unsigned>,
}

/// Refuses where the log does not continue the last signed checkpoint, and where nobody signs the log. Everything that signs asks this
/// first, in its own transaction.
///
/// # Errors
/// As [`continued`]; [`Code::LogUnsigned`] with the reason.
pub(crate) async fn examine(server: &Server, reader: &mut Reader) -> Result<LogState, Error> {
    let state = continued(server, reader).await?;
    match &state.unsigned {
        Some(unsigned) if unsigned.stops_signing() => Err(nobody_signs(&unsigned.reason())),
        _ => Ok(state),
    }
}

/// What was signed of the log, where the log continues it.
///
/// # Errors
/// [`Code::LogForked`] with the reason; or when database or file do not answer.
pub(crate) async fn continued(server: &Server, reader: &mut Reader) -> Result<LogState, Error> {
    match look(server, reader).await {
        Ok(Ok(state)) => {
            if state.key.abandoned.is_some() && server.fork.goes_on_with(state.key.number) {
                server.store.forget_log();
            }
            let unsigned = state.unsigned.as_ref();
            let refused = unsigned.filter(|unsigned| unsigned.stops_signing()).map(Unsigned::reason);
            server.fork.note_unsigned(unsigned.is_some_and(Unsigned::is_overdue), refused);
            server.fork.note(None);
            Ok(state)
        }
        Ok(Err(reason)) => {
            server.fork.note(Some(reason.clone()));
            Err(refusal(&reason))
        }
        Err(error) => Err(error),
    }
}

/// Refuses where the log was found forked last; examines it where nobody has yet. For answers that are not signed and many.
///
/// # Errors
/// As [`examine`].
pub(crate) async fn refuse_forked(server: &Server) -> Result<(), Error> {
    if !server.fork.is_examined() {
        examine(server, &mut server.store.read().await?).await?;
    }
    match (server.fork.forked(), server.fork.unsigned()) {
        (Some(reason), _) => Err(refusal(&reason)),
        (None, Some(reason)) => Err(nobody_signs(&reason)),
        (None, None) => Ok(()),
    }
}

pub(crate) fn nobody_signs(reason: &str) -> Error {
    Error::new(Code::LogUnsigned, reason).next(NextStep::SignLog)
}

fn refusal(reason: &str) -> Error {
    Error::new(Code::LogForked, format!("nothing is signed: {reason}")).next(NextStep::ContinueLog)
}

async fn look(server: &Server, reader: &mut Reader) -> Result<Result<LogState, String>, Error> {
    let (keys, stored) = reader.log_keys_with_note().await?;
    let Some(key) = keys.last().cloned() else {
        return Ok(Err("the database names no key of the log".to_owned()));
    };
    let file = &server.keys.checkpoint_file;
    let in_file = match std::fs::read_to_string(file) {
        Ok(note) => Some(note),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(Error::internal(format!("{} cannot be read: {error}", file.display()))),
    };
    let (frontier, compared) = (reader.log_frontier().await?, Compared { keys, in_file, stored });
    let last = match server.continuation.shown(&frontier, &compared) {
        Some(last) => last,
        None => match compare(server, reader, &key, &compared).await? {
            Ok(last) => {
                server.continuation.keep(frontier, compared, last.clone());
                last
            }
            Err(reason) => return Ok(Err(reason)),
        },
    };
    let unsigned = Unsigned::of(server, reader, &key, last.as_ref().map(|(_, signed)| signed)).await?;
    Ok(Ok(LogState { key, last, unsigned }))
}

/// The largest checkpoint that the log continues; or why it does not continue one.
async fn compare(
    server: &Server,
    reader: &mut Reader,
    key: &LogKeyRow,
    Compared { keys, in_file, stored }: &Compared,
) -> Result<Result<Option<Signed>, String>, Error> {
    let in_file = match in_file {
        Some(note) => match signed_by_one_of(keys, note) {
            Err(error) => {
                let file = server.keys.checkpoint_file.display();
                return Ok(Err(format!("{file} is no checkpoint of this log: {error}")));
            }
            // An operator went on after a restore: what the earlier keys signed counts no more.
            Ok((number, _)) if number < key.number && key.abandoned.is_some() => None,
            Ok((_, checkpoint)) => Some((note.clone(), checkpoint)),
        },
        None => None,
    };
    let stored = match stored {
        Some(note) => match checkpoint::open(note, &key.vkey) {
            Ok(checkpoint) => Some((note.clone(), checkpoint)),
            Err(error) => return Ok(Err(format!("a stored checkpoint was altered: {error}"))),
        },
        None => None,
    };
    // The same note is in both, but for a moment.
    let other = stored.iter().filter(|stored| in_file.as_ref().is_none_or(|in_file| in_file.0 != stored.0));
    for (_, signed) in in_file.iter().chain(other) {
        if let Some(reason) = contradiction(reader, signed).await? {
            return Ok(Err(reason));
        }
    }
    Ok(Ok([in_file, stored].into_iter().flatten().max_by_key(|(_, signed)| signed.size)))
}

/// The checkpoint in a note, with the number of the newest key that signed it.
pub(crate) fn signed_by_one_of(keys: &[LogKeyRow], note: &str) -> Result<(u64, Checkpoint), proof::NoteError> {
    let mut failed = proof::NoteError::VerifierKey;
    for key in keys.iter().rev() {
        match checkpoint::open(note, &key.vkey) {
            Ok(checkpoint) => return Ok((key.number, checkpoint)),
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

/// How the log contradicts a checkpoint, if it does.
async fn contradiction(reader: &mut Reader, signed: &Checkpoint) -> Result<Option<String>, StoreError> {
    let size = reader.log_size().await?;
    if signed.size > size {
        return Ok(Some(format!("the log has {size} events, but a checkpoint over {} was signed", signed.size)));
    }
    let proof = reader.consistency_proof_to(signed.size, size).await?;
    let continues = merkle::verify_consistency(signed.size, proof.size, &proof.hashes, &signed.root, &proof.root).is_ok();
    Ok((!continues).then(|| format!("the log is not a continuation of the checkpoint over {} events", signed.size)))
}
