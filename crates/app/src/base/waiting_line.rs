//! The line in front of what one request does for all: the others wait, and find it done. A database that hangs must not let request after
//! request wait behind the first one.

use crate::Error;
use std::time::Duration;
use tokio::{
    sync::{Mutex, MutexGuard},
    time::timeout,
};

/// How long to wait: longer than the work takes where there is much of it, and no longer than somebody looks at an empty page.
const PATIENCE: Duration = Duration::from_secs(30);

/// The requests that wait.
#[derive(Default)]
pub(crate) struct WaitingLine(Mutex<()>);

impl WaitingLine {
    /// Waits for the turn, which ends when what this gives is dropped.
    ///
    /// # Errors
    /// [`crate::error::Code::Unavailable`] when it takes too long.
    pub async fn turn(&self) -> Result<MutexGuard<'_, ()>, Error> {
        let waited = timeout(PATIENCE, self.0.lock()).await;
        waited.map_err(|_| Error::unavailable("another request has waited for the database all the while"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_ever_behind_a_database_that_hangs() {
        let line = WaitingLine::default();
        let first = line.turn().await.unwrap();
        assert_eq!(line.turn().await.unwrap_err().code, Code::Unavailable);
        drop(first);
        assert!(line.turn().await.is_ok());
    }
}
