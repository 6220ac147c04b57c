//! Whether the server can do its work.

use crate::{Error, Server};

/// Whether the server can do its work: the database answers.
///
/// # Errors
/// When it does not.
pub async fn health(server: &Server) -> Result<(), Error> {
    server.store.log_size().await.map(|_| ()).map_err(Error::from)
}
