//! Changes the key of the log, on the machine of the server that signs the log: in turn, or to go on after a restore. Both are events.

use super::checkpoints::sign;
use crate::{
    Error, OpContext,
    base::{
        error::Code,
        signed_checkpoint::{LogState, continued},
    },
    change::{self, Subject},
};
use domain::{NextStep, event::Event, text};
use proof::{LogKey, checkpoint};
use store::{LogKeyRow, Reader};

/// Lets another key take over from the key of the log. The first checkpoint of the new key bears the signatures of both, and an event
/// names both. Where nobody has the earlier key any more, only the new one signs.
///
/// # Errors
/// A blank reason; a log that is forked; a server that does not have the key of the log, while another server may sign.
pub async fn rotate_log_key(op: &OpContext, reason: &str) -> Result<String, Error> {
    let reason = checked(reason)?;
    let (ref op, mut tx) = op.write().await?;
    let LogState { key: from, unsigned, .. } = continued(op, &mut tx).await?;
    let old = op.keys.log.key(&from.vkey).map_err(Error::internal)?;
    if old.is_none() && !unsigned.is_some_and(|unsigned| unsigned.is_overdue()) {
        return Err(elsewhere());
    }
    let name = checkpoint::name_of(&from.vkey).map_err(Error::internal)?;
    let new = op.keys.log.prepare(name, op.entropy.as_ref()).map_err(Error::internal)?;
    let event = Event::LogKeyChanged { from: from.vkey.clone(), to: new.vkey(), reason };
    take_over(op, tx, &from, &new, None, event).await?;
    let keys: Vec<_> = [Some(&new), old.as_ref()].into_iter().flatten().collect();
    first_checkpoint(op, &keys).await
}

/// Goes on with a log that does not continue what was signed: a backup was restored. An event names the checkpoint that is given up. A
/// new key of the log takes over, so that no key ever signs two roots for one size.
///
/// # Errors
/// A blank reason; a log that is not forked; a server that does not have the key of the log.
pub async fn continue_log(op: &OpContext, reason: &str) -> Result<String, Error> {
    let reason = checked(reason)?;
    let (ref op, mut tx) = op.write().await?;
    match continued(op, &mut tx).await {
        Ok(_) => {
            let message = "the log continues the last signed checkpoint: there is nothing to go on after";
            return Err(Error::new(Code::Invalid, message));
        }
        Err(error) if error.code == Code::LogForked => {}
        Err(error) => return Err(error),
    }
    let keys = tx.log_keys().await?;
    let from = keys.last().cloned().ok_or_else(|| Error::internal("the database names no key of the log"))?;
    // The key itself, whatever the database names: the restored database may be older than the change of the key.
    let old = match op.keys.log.present(&from.vkey).map_err(Error::internal)? {
        Some(old) => old.vkey(),
        // No other server can have it: the key is lost.
        None if op.store.serves_one_server() => from.vkey.clone(),
        None => return Err(elsewhere()),
    };
    let in_file = match std::fs::read_to_string(&op.keys.checkpoint_file) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        read => Some(read.map_err(Error::internal)?),
    };
    let given_up = match &in_file {
        Some(note) => note.clone(),
        None => tx.newest_checkpoint(from.number).await?.unwrap_or_default(),
    };
    let signed = checkpoint::open(&given_up, &old).ok();
    let size = tx.log_size().await?;
    let name = checkpoint::name_of(&old).map_err(Error::internal)?;
    let new = op.keys.log.prepare(name, op.entropy.as_ref()).map_err(Error::internal)?;
    let event = Event::LogContinued {
        from: old.clone(),
        to: new.vkey(),
        size,
        given_up: given_up.clone(),
        given_up_size: signed.map(|signed| signed.size),
        reason,
    };
    take_over(op, tx, &from, &new, Some(given_up), event).await?;
    if in_file.is_some() {
        let kept = op.keys.checkpoint_file.with_extension(format!("before-{size}.txt"));
        std::fs::rename(&op.keys.checkpoint_file, kept).map_err(Error::internal)?;
    }
    first_checkpoint(op, &[&new]).await
}

async fn take_over(
    op: &OpContext,
    mut tx: store::Writer,
    from: &LogKeyRow,
    new: &LogKey,
    abandoned: Option<String>,
    event: Event,
) -> Result<(), Error> {
    let since = tx.log_size().await?;
    tx.add_log_key(&LogKeyRow { number: from.number + 1, vkey: new.vkey(), since, abandoned }).await?;
    change::record(op, &mut tx, Subject::Instance, event).await?;
    tx.commit().await?;
    op.keys.log.take_over().map_err(Error::internal)
}

async fn first_checkpoint(op: &OpContext, keys: &[&LogKey]) -> Result<String, Error> {
    let mut tx = op.store.write_outside().await?;
    tx.hold_log().await?;
    let reader: &mut Reader = &mut tx;
    let state = continued(op, reader).await?;
    sign(op, tx, &state, keys).await
}

fn checked(reason: &str) -> Result<String, Error> {
    let seen = text::visible(reason).map(str::to_owned);
    seen.ok_or_else(|| Error::invalid("/reason", "say why: the reason is kept in the record"))
}

fn elsewhere() -> Error {
    let message = "this server does not have the key of the log: run the command where the log is signed";
    Error::new(Code::Unavailable, message).next(NextStep::SignLog)
}
