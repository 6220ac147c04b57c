//! Whether the server can do its work.

use crate::{Error, Server, error::Kind};

/// Whether the server can do its work: the database answers, and no background job is stuck. A job that fails is not stuck: the server
/// goes on without it and tries again.
///
/// # Errors
/// When it cannot. The error does not say which job is stuck, because everybody may ask.
pub async fn health(server: &Server) -> Result<(), Error> {
    server.store.log_size().await?;
    if server.jobs.all().iter().any(|(_, state)| state.is_stuck()) {
        return Err(Error::new(Kind::Unavailable, "job_stuck", "a background job of this server is stuck")
            .hint("Restart the server. The list of jobs says which job is stuck and why."));
    }
    Ok(())
}
