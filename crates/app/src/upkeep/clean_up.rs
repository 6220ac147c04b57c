//! Removes unfinished uploads, unused stored files, old idempotency keys, lost nodes, old messages and deliveries.

use crate::{Caller, Error, OpContext, Server};
use domain::Duration;
use std::sync::Arc;

/// How long a file may lie around unused: much longer than any request that is about to refer to it.
const UNUSED_FOR: Duration = Duration::from_days(2);

/// How many files are removed in one change.
const AT_ONCE: u32 = 20;

/// How long an idempotency key is remembered.
const KEYS_FOR: Duration = Duration::from_days(2);

/// How long a message or a delivery stays on the list after it was sent or given up.
const MESSAGES_FOR: Duration = Duration::from_days(30);

/// How long a node that does not report any more stays on the list.
const NODES_FOR: Duration = Duration::from_days(1);

/// Removes what is left over; gives the number of files removed.
///
/// # Errors
/// When database or file storage do not answer; the next turn goes on.
pub async fn clean_up(server: &Arc<Server>) -> Result<usize, Error> {
    let op = OpContext::new(server.clone(), Caller::Clock, "clean-up");
    let (ref op, mut tx) = op.write_outside().await?;
    for upload in tx.expired_uploads(op.now).await? {
        tx.end_upload(upload.id).await?;
    }
    tx.forget_responses(op.now.minus(KEYS_FOR)).await?;
    tx.forget_session_uses(op.now.minus(op.settings.limits.browser_session_lifetime)).await?;
    tx.forget_nodes(op.now.minus(NODES_FOR)).await?;
    tx.forget_messages(op.now.minus(MESSAGES_FOR)).await?;
    tx.forget_deliveries(op.now.minus(MESSAGES_FOR)).await?;
    tx.commit().await?;
    let mut removed = 0;
    loop {
        let (ref op, mut tx) = op.write_outside().await?;
        let before = op.now.minus(UNUSED_FOR);
        let unused = tx.unused_files(before, AT_ONCE).await?;
        for sha256 in &unused {
            // From here to the commit nobody can begin to refer to the file; whoever began before keeps it.
            if tx.forget_unused_file(*sha256, before).await? {
                op.files.remove(*sha256).await?;
                removed += 1;
            }
        }
        tx.commit().await?;
        if unused.len() < AT_ONCE as usize {
            break;
        }
    }
    op.files.sweep().await?;
    Ok(removed + forgotten(op).await?)
}

/// Removes files that were stored without the database coming to know of it: it was gone at that moment, or the server died.
async fn forgotten(op: &OpContext) -> Result<usize, Error> {
    let mut removed = 0;
    for first_byte in 0..=u8::MAX {
        let old = op.files.old(first_byte).await?;
        if old.is_empty() {
            continue;
        }
        let known = op.read().await?.stored_files(first_byte).await?;
        if old.iter().all(|sha256| known.contains(sha256)) {
            continue;
        }
        let (_, mut tx) = op.write_outside().await?;
        for sha256 in old.into_iter().filter(|sha256| !known.contains(sha256)) {
            // Somebody may have come to refer to it; from here to the commit nobody can.
            if tx.hold_unknown_file(sha256).await? {
                op.files.remove(sha256).await?;
                tx.release_unknown_file(sha256).await?;
                removed += 1;
            }
        }
        tx.commit().await?;
    }
    Ok(removed)
}
