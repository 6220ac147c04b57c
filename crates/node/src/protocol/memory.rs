//! The memory that requests share: one body has a largest size, and all bodies together have a bound too.

use bytes::Bytes;
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::Relaxed},
};

/// How many bytes all bodies together may have.
#[derive(Debug)]
pub(crate) struct MemoryBudget {
    most: usize,
    reserved: AtomicUsize,
}

/// What one request has of it; given back when dropped.
pub(crate) struct Reservation {
    budget: Arc<MemoryBudget>,
    bytes: usize,
}

impl MemoryBudget {
    pub(crate) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { most, reserved: AtomicUsize::new(0) })
    }

    /// How many bytes are taken at this moment.
    #[cfg(test)]
    pub(crate) fn reserved(&self) -> usize {
        self.reserved.load(Relaxed)
    }

    pub(crate) fn reserve_nothing(self: &Arc<Self>) -> Reservation {
        Reservation { budget: self.clone(), bytes: 0 }
    }
}

impl Reservation {
    /// Takes so many bytes more, if there are any left; otherwise none.
    pub(crate) fn grow(&mut self, bytes: usize) -> bool {
        let before = self.budget.reserved.fetch_add(bytes, Relaxed);
        if before.saturating_add(bytes) > self.budget.most {
            self.budget.reserved.fetch_sub(bytes, Relaxed);
            return false;
        }
        self.bytes += bytes;
        true
    }

    /// Gives back so many bytes.
    pub(crate) fn give_back(&mut self, bytes: usize) {
        self.shrink(self.bytes.saturating_sub(bytes));
    }

    /// Gives back all but so many bytes.
    pub(crate) fn shrink(&mut self, bytes: usize) {
        let over = self.bytes.saturating_sub(bytes);
        self.bytes -= over;
        self.budget.reserved.fetch_sub(over, Relaxed);
    }

    /// The bytes of an answer, for which this much stays taken until the client has read them, however slowly.
    pub(crate) fn until_read(mut self, bytes: Bytes) -> Bytes {
        self.shrink(bytes.len());
        // It is there already: what is more than was reserved for it counts, and keeps others waiting instead.
        let more = bytes.len() - self.bytes;
        self.budget.reserved.fetch_add(more, Relaxed);
        self.bytes += more;
        Bytes::from_owner(ReservedBytes { bytes, _held: self })
    }
}

/// Bytes that hold their part of the memory until the last owner drops them.
struct ReservedBytes {
    bytes: Bytes,
    _held: Reservation,
}

impl AsRef<[u8]> for ReservedBytes {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.budget.reserved.fetch_sub(self.bytes, Relaxed);
    }
}
