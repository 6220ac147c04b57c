//! The memory that requests share: one body has a largest size, and all bodies together have a bound too.

use bytes::Bytes;
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::Relaxed},
};

/// How many bytes all bodies together may have.
#[derive(Debug)]
pub(crate) struct Budget {
    most: usize,
    held: AtomicUsize,
}

/// What one request has of it; given back when dropped.
pub(crate) struct Held {
    budget: Arc<Budget>,
    bytes: usize,
}

impl Budget {
    pub(crate) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { most, held: AtomicUsize::new(0) })
    }

    pub(crate) fn hold_nothing_yet(self: &Arc<Self>) -> Held {
        Held { budget: self.clone(), bytes: 0 }
    }
}

impl Held {
    /// Takes so many bytes more, if there are any left; otherwise none.
    pub(crate) fn grow(&mut self, bytes: usize) -> bool {
        let before = self.budget.held.fetch_add(bytes, Relaxed);
        if before.saturating_add(bytes) > self.budget.most {
            self.budget.held.fetch_sub(bytes, Relaxed);
            return false;
        }
        self.bytes += bytes;
        true
    }

    /// Gives back all but so many bytes.
    pub(crate) fn shrink(&mut self, bytes: usize) {
        let over = self.bytes.saturating_sub(bytes);
        self.bytes -= over;
        self.budget.held.fetch_sub(over, Relaxed);
    }

    /// The bytes of an answer, for which this much stays taken until the client has read them, however slowly.
    pub(crate) fn until_read(mut self, bytes: Bytes) -> Bytes {
        self.shrink(bytes.len());
        // It is there already: what is more than was held for it counts, and keeps others waiting instead.
        let more = bytes.len() - self.bytes;
        self.budget.held.fetch_add(more, Relaxed);
        self.bytes += more;
        Bytes::from_owner(Holding { bytes, _held: self })
    }
}

/// Bytes that hold their part of the memory until nobody has them any more.
struct Holding {
    bytes: Bytes,
    _held: Held,
}

impl AsRef<[u8]> for Holding {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.budget.held.fetch_sub(self.bytes, Relaxed);
    }
}
