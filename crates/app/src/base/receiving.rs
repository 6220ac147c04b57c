//! Lets the files of one upload arrive one after the other.

use domain::UploadId;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};
use tokio::sync::OwnedMutexGuard;

/// Uploads into which a file is coming in just now.
#[derive(Default)]
pub(crate) struct Receiving(Mutex<HashMap<UploadId, Weak<tokio::sync::Mutex<()>>>>);

impl Receiving {
    /// Waits until no other file of this upload is coming in, on this server; the turn ends when what comes back is dropped.
    pub async fn turn(&self, upload: UploadId) -> OwnedMutexGuard<()> {
        let turns = {
            // A panic while it was held leaves nothing half done.
            let mut uploads = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            uploads.retain(|_, turns| turns.strong_count() > 0);
            let known = uploads.get(&upload).and_then(Weak::upgrade);
            known.unwrap_or_else(|| {
                let turns = Arc::new(tokio::sync::Mutex::new(()));
                uploads.insert(upload, Arc::downgrade(&turns));
                turns
            })
        };
        turns.lock_owned().await
    }
}
