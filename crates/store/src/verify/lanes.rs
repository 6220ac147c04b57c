//! Works on pages on all cores: while one page is read, earlier pages are worked on. The results come in the order of the pages.

use crate::StoreError;
use std::collections::VecDeque;
use tokio::task::JoinHandle;

/// Work under way, the oldest first.
pub struct Lanes<T> {
    running: VecDeque<JoinHandle<T>>,
    /// As much work as keeps the cores busy while a page is read. More would only fill the memory.
    most: usize,
}

impl<T: Send + 'static> Lanes<T> {
    /// No work yet.
    pub fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Self { running: VecDeque::new(), most: cores + 1 }
    }

    /// Begins a piece of work. Gives the result of the oldest piece once enough is under way.
    ///
    /// # Errors
    /// When the oldest piece panicked.
    pub async fn begin(&mut self, work: impl FnOnce() -> T + Send + 'static) -> Result<Option<T>, StoreError> {
        self.running.push_back(tokio::task::spawn_blocking(work));
        if self.running.len() > self.most { self.next().await } else { Ok(None) }
    }

    /// The result of the oldest piece; none when nothing is under way.
    ///
    /// # Errors
    /// When the piece panicked.
    pub async fn next(&mut self) -> Result<Option<T>, StoreError> {
        let Some(oldest) = self.running.pop_front() else {
            return Ok(None);
        };
        let broken = |error| StoreError::Io("a piece of the verification broke off".to_owned(), std::io::Error::other(error));
        oldest.await.map(Some).map_err(broken)
    }
}

impl<T: Send + 'static> Default for Lanes<T> {
    fn default() -> Self {
        Self::new()
    }
}
