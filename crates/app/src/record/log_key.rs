//! Changes the key of the log, on the machine of the server that signs the log: in turn, or to go on after a restore. Both are events.

use super::checkpoints::sign;
use crate::{
    Error, OpContext,
    base::{
        error::Code,
        signed_checkpoint::{LogState, examine},
    },
    change::{self, Subject},
};
use domain::{NextStep, event::Event, text};
use proof::{LogKey, checkpoint};
use store::{LogKeyRow, Reader};

/// Lets another key take over from the key of the log. The first checkpoint of the new key bears the signatures of both, and an event
/// names both.
///
/// # Errors
/// A blank reason; a log that is forked; a server that does not have the key of the log.
pub async fn rotate_log_key(op: &OpContext, reason: &str) -> Result<String, Error> {
    let reason = checked(reason)?;
    let (ref op, mut tx) = op.write().await?;
    let LogState { key: from, .. } = examine(op, &mut tx).await?;
    let Some(old) = op.keys.log.key(&from.vkey).map_err(Error::internal)? else {
        return Err(elsewhere());
    };
    let new = op.keys.log.prepare(old.name(), op.entropy.as_ref()).map_err(Error::internal)?;
    let event = Event::LogKeyChanged { from: from.vkey.clone(), to: new.vkey(), reason };
    take_over(op, tx, &from, &new, None, event).await?;
    first_checkpoint(op, &[&new, &old]).await
}

/// Goes on with a log that does not continue what was signed: a backup was restored. An event names the checkpoint that is given up. A
/// new key of the log takes over, so that no key ever signs two roots for one size.
///
/// # Errors
/// A blank reason; a log that is not forked; a server that does not have the key of the log.
pub async fn continue_log(op: &OpContext, reason: &str) -> Result<String, Error> {
    let reason = checked(reason)?;
    let (ref op, mut tx) = op.write().await?;
    match examine(op, &mut tx).await {
        Ok(_) => {
            let message = "the log continues the last signed checkpoint: there is nothing to go on after";
            return Err(Error::new(Code::Invalid, message));
        }
        Err(error) if error.code == Code::LogForked => {}
        Err(error) => return Err(error),
    }
    let given_up = std::fs::read_to_string(&op.keys.checkpoint_file).map_err(Error::internal)?;
    let keys = tx.log_keys().await?;
    let from = keys.last().cloned().ok_or_else(|| Error::internal("the database names no key of the log"))?;
    // The key itself, whatever the database names: the restored database may be older than the change of the key.
    let Some(old) = op.keys.log.present(&from.vkey).map_err(Error::internal)? else {
        return Err(elsewhere());
    };
    let signed = checkpoint::open(&given_up, &old.vkey()).ok();
    let size = tx.log_size().await?;
    let new = op.keys.log.prepare(old.name(), op.entropy.as_ref()).map_err(Error::internal)?;
    let event = Event::LogContinued {
        from: old.vkey(),
        to: new.vkey(),
        size,
        given_up: given_up.clone(),
        given_up_size: signed.map(|signed| signed.size),
        reason,
    };
    take_over(op, tx, &from, &new, Some(given_up), event).await?;
    let kept = op.keys.checkpoint_file.with_extension(format!("before-{size}.txt"));
    std::fs::rename(&op.keys.checkpoint_file, kept).map_err(Error::internal)?;
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
    let state = examine(op, reader).await?;
    sign(op, tx, &state, keys).await
}

fn checked(reason: &str) -> Result<String, Error> {
    let seen = text::visible(reason).map(str::to_owned);
    seen.ok_or_else(|| Error::invalid("/reason", "say why: the reason is kept in the record"))
}

fn elsewhere() -> Error {
    let message = "this server does not have the key of the log: run the command where the log is signed";
    Error::new(Code::Unavailable, message).next(NextStep::ReadServerLog)
}
