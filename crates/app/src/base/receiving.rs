//! Lets the files of one upload arrive: small ones beside each other, a large one alone; and of one account only so many at once.

use domain::{UploadId, UserId};
use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError, Weak},
};
use tokio::sync::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard, OwnedSemaphorePermit, RwLock, Semaphore};

/// Up to so many announced bytes a file is small. What small files bring in beyond the bounds of a version, because each looked at the
/// bounds before the others were there, is little; it is refused at the end, and cleaned up.
const SMALL: u64 = 4 << 20;

/// Which part of all places for files that come in one account may have: its slow clients must not keep everybody else's files out.
const PART_OF_ONE: usize = 4;

/// Uploads into which files are coming in just now, and whose they are.
#[derive(Default)]
pub(crate) struct Receiving {
    uploads: Shared<UploadId, RwLock<()>>,
    accounts: Shared<UserId, Semaphore>,
}

/// What is there as long as somebody holds it.
struct Shared<K, V>(Mutex<HashMap<K, Weak<V>>>);

impl<K, V> Default for Shared<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash, V> Shared<K, V> {
    fn of(&self, key: K, new: impl FnOnce() -> V) -> Arc<V> {
        // A panic while it was held leaves nothing half done.
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|_, value| value.strong_count() > 0);
        let known = held.get(&key).and_then(Weak::upgrade);
        known.unwrap_or_else(|| {
            let value = Arc::new(new());
            held.insert(key, Arc::downgrade(&value));
            value
        })
    }
}

/// The turn of one file, which ends when it is dropped.
pub(crate) struct Turn {
    _of_account: Option<OwnedSemaphorePermit>,
    _of_upload: OfUpload,
}

/// The place of a file in its upload.
enum OfUpload {
    /// Beside other small files.
    Beside(#[expect(dead_code, reason = "held, and not looked at")] OwnedRwLockReadGuard<()>),
    /// Alone.
    Alone(#[expect(dead_code, reason = "held, and not looked at")] OwnedRwLockWriteGuard<()>),
}

impl Receiving {
    /// Waits until a file of this announced length may come into this upload of this account, on this server, where so many files may come
    /// in at once.
    pub async fn turn(&self, upload: UploadId, account: UserId, length: Option<u64>, places: usize) -> Turn {
        let of_account = self.accounts.of(account, || Semaphore::new((places / PART_OF_ONE).max(1)));
        // Nobody closes it.
        let of_account = of_account.acquire_owned().await.ok();
        let of_upload = self.uploads.of(upload, RwLock::default);
        let of_upload = match length {
            Some(length) if length <= SMALL => OfUpload::Beside(of_upload.read_owned().await),
            _ => OfUpload::Alone(of_upload.write_owned().await),
        };
        Turn { _of_account: of_account, _of_upload: of_upload }
    }
}
