//! Lets the files of one upload arrive: small ones beside each other, a large one alone.

use domain::UploadId;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};
use tokio::sync::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock};

/// Up to so many announced bytes a file is small. What small files bring in beyond the bounds of a version, because each looked at the
/// bounds before the others were there, is little; it is refused at the end, and cleaned up.
const SMALL: u64 = 4 << 20;

/// Uploads into which files are coming in just now.
#[derive(Default)]
pub(crate) struct Receiving(Mutex<HashMap<UploadId, Weak<RwLock<()>>>>);

/// The turn of one file, which ends when it is dropped.
pub(crate) enum Turn {
    /// Beside other small files.
    Beside(#[expect(dead_code, reason = "held, and not looked at")] OwnedRwLockReadGuard<()>),
    /// Alone.
    Alone(#[expect(dead_code, reason = "held, and not looked at")] OwnedRwLockWriteGuard<()>),
}

impl Receiving {
    /// Waits until a file of this announced length may come into this upload, on this server.
    pub async fn turn(&self, upload: UploadId, length: Option<u64>) -> Turn {
        let turns = {
            // A panic while it was held leaves nothing half done.
            let mut uploads = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            uploads.retain(|_, turns| turns.strong_count() > 0);
            let known = uploads.get(&upload).and_then(Weak::upgrade);
            known.unwrap_or_else(|| {
                let turns = Arc::new(RwLock::new(()));
                uploads.insert(upload, Arc::downgrade(&turns));
                turns
            })
        };
        match length {
            Some(length) if length <= SMALL => Turn::Beside(turns.read_owned().await),
            _ => Turn::Alone(turns.write_owned().await),
        }
    }
}
