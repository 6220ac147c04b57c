//! Whether the storage of model files answers, as a background job found it last.

use std::sync::atomic::{AtomicBool, Ordering};

/// The state; that the storage answers, until somebody looked.
#[derive(Debug, Default)]
pub struct StorageState {
    fails: AtomicBool,
}

impl StorageState {
    /// Whether the storage did not answer.
    pub fn fails(&self) -> bool {
        self.fails.load(Ordering::SeqCst)
    }

    pub(crate) fn note(&self, answers: bool) {
        self.fails.store(!answers, Ordering::SeqCst);
    }
}
