//! Whether the server can do its work.

use crate::{Error, Server, error::Code, record::log_state};
use domain::NextStep;

/// Whether the server can do its work: the database answers, the log continues what was signed and somebody signs it, no background job is
/// stuck, the storage of model files answers, and the disk has room. A job that fails for another reason is not stuck: the server goes on without it and tries again.
///
/// # Errors
/// When it cannot. The error does not say which job is stuck, because everybody may ask.
pub async fn health(server: &Server) -> Result<(), Error> {
    log_state(server).await?;
    if server.storage.fails() {
        return Err(Error::new(Code::Unavailable, "the storage of model files does not answer").next(NextStep::ReadServerLog));
    }
    let jobs = server.jobs.all();
    if jobs.iter().any(|(_, state)| state.fails_by(Code::StorageFull)) {
        return Err(Error::new(Code::StorageFull, "the disk is full").next(NextStep::MakeRoom));
    }
    if jobs.iter().any(|(_, state)| state.is_stuck()) {
        return Err(Error::new(Code::JobStuck, "a background job of this server is stuck").next(NextStep::RestartServer));
    }
    Ok(())
}
