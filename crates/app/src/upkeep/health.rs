//! Whether the server can do its work.

use crate::{Error, Server, error::Code, record::log_state};
use domain::NextStep;

/// Whether the server can do its work: the database answers, the log continues what was signed and somebody signs it, and no background job is stuck. A job that fails is not stuck: the server
/// goes on without it and tries again.
///
/// # Errors
/// When it cannot. The error does not say which job is stuck, because everybody may ask.
pub async fn health(server: &Server) -> Result<(), Error> {
    log_state(server).await?;
    if server.jobs.all().iter().any(|(_, state)| state.is_stuck()) {
        return Err(Error::new(Code::JobStuck, "a background job of this server is stuck").next(NextStep::RestartServer));
    }
    Ok(())
}
