//! Whether the server can do its work.

use crate::{Error, Server, base::signed_checkpoint::examine, error::Code};
use domain::NextStep;

/// Whether the server can do its work: the database answers, the log continues what was signed, and no background job is stuck. A job that fails is not stuck: the server
/// goes on without it and tries again.
///
/// # Errors
/// When it cannot. The error does not say which job is stuck, because everybody may ask.
pub async fn health(server: &Server) -> Result<(), Error> {
    examine(server, &mut server.store.read().await?).await?;
    if server.jobs.all().iter().any(|(_, state)| state.is_stuck()) {
        return Err(Error::new(Code::JobStuck, "a background job of this server is stuck").next(NextStep::RestartServer));
    }
    Ok(())
}
