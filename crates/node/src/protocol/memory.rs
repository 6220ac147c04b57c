//! The memory that requests share: one body has a largest size, and all bodies together have a bound too.

use super::answer_body::AnswerBody;
use crate::spare::{KEEP_FOR, SpareBuffers};
use bytes::Bytes;
use std::sync::{
    Arc, Weak,
    atomic::{AtomicUsize, Ordering::Relaxed},
};
use tokio::runtime::Handle;

/// How many bytes all bodies together may have.
#[derive(Debug)]
pub(crate) struct MemoryBudget {
    most: usize,
    reserved: AtomicUsize,
    /// Memory of earlier bodies. It is part of what is reserved, until others need it.
    spare: SpareBuffers,
}

/// What one request has of it; given back when dropped.
pub(crate) struct Reservation {
    budget: Arc<MemoryBudget>,
    bytes: usize,
}

impl MemoryBudget {
    pub(crate) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { most, reserved: AtomicUsize::new(0), spare: SpareBuffers::default() })
    }

    /// How many bytes are taken at this moment.
    #[cfg(test)]
    pub(crate) fn reserved(&self) -> usize {
        self.reserved.load(Relaxed)
    }

    pub(crate) fn reserve_nothing(self: &Arc<Self>) -> Reservation {
        Reservation { budget: self.clone(), bytes: 0 }
    }

    /// A spare buffer of about so many bytes, with what is reserved for it.
    pub(crate) fn take_spare(self: &Arc<Self>, bytes: usize) -> Option<(Vec<u8>, Reservation)> {
        let spare = self.spare.take(bytes)?;
        let bytes = spare.capacity();
        Some((spare, Reservation { budget: self.clone(), bytes }))
    }

    /// Frees all spare memory. Whether there was any.
    fn free_spare(&self) -> bool {
        let freed = self.spare.free();
        self.reserved.fetch_sub(freed, Relaxed);
        freed > 0
    }
}

impl Reservation {
    /// Takes so many bytes more, if there are any left; otherwise none.
    pub(crate) fn grow(&mut self, bytes: usize) -> bool {
        self.try_to_grow(bytes) || (self.budget.free_spare() && self.try_to_grow(bytes))
    }

    fn try_to_grow(&mut self, bytes: usize) -> bool {
        let before = self.budget.reserved.fetch_add(bytes, Relaxed);
        if before.saturating_add(bytes) > self.budget.most {
            self.budget.reserved.fetch_sub(bytes, Relaxed);
            return false;
        }
        self.bytes += bytes;
        true
    }

    /// Keeps a buffer, for which this is, as spare memory, if that is worth it.
    pub(crate) fn keep_spare(mut self, buffer: Vec<u8>) {
        // Without a runtime nobody would free it.
        let Ok(runtime) = Handle::try_current() else { return };
        if SpareBuffers::wants(&buffer) && buffer.capacity() <= self.bytes {
            self.shrink(buffer.capacity());
            self.bytes = 0;
            if self.budget.spare.keep(buffer) {
                runtime.spawn(free_unused(Arc::downgrade(&self.budget)));
            }
        }
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

    /// The body of an answer, each piece of which stays taken until the client has read it, however slowly; and `beside` it so many bytes
    /// that are held as long.
    pub(crate) fn until_read(mut self, body: AnswerBody, beside: usize) -> AnswerBody {
        let length = body.len() + beside;
        self.shrink(length);
        // It is there already: what is more than was reserved for it counts, and keeps others waiting instead.
        let more = length - self.bytes;
        self.budget.reserved.fetch_add(more, Relaxed);
        self.bytes += more;
        let last = body.pieces().count();
        let reserved = |(place, bytes): (usize, Bytes)| {
            let beside = if place == last { beside } else { 0 };
            Bytes::from_owner(ReservedBytes { _held: self.split_off(bytes.len() + beside), bytes })
        };
        (1..).zip(body).map(reserved).collect()
    }

    /// Makes a part of this a reservation of its own.
    fn split_off(&mut self, bytes: usize) -> Self {
        let bytes = bytes.min(self.bytes);
        self.bytes -= bytes;
        Self { budget: self.budget.clone(), bytes }
    }
}

/// Frees spare memory in time, until there is none.
async fn free_unused(budget: Weak<MemoryBudget>) {
    loop {
        tokio::time::sleep(KEEP_FOR / 2).await;
        let Some(budget) = budget.upgrade() else { return };
        let (freed, more) = budget.spare.free_unused();
        budget.reserved.fetch_sub(freed, Relaxed);
        if !more {
            return;
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_answer_holds_counts_until_the_piece_is_read_that_holds_it() {
        let budget = MemoryBudget::new(100);
        let mut reserved = budget.reserve_nothing();
        assert!(reserved.grow(25));
        let answer: AnswerBody = ["0123456789", "01234", "01234567890123456789"].map(Bytes::from).into_iter().collect();
        // Tensors of another answer hold the memory beside the last piece.
        let mut pieces = reserved.until_read(answer, 40).into_iter();
        assert_eq!(budget.reserved(), 75, "more than was reserved for it: the answer is there already");
        let read = |pieces: &mut std::collections::vec_deque::IntoIter<Bytes>| {
            drop(pieces.next());
            budget.reserved()
        };
        assert_eq!([read(&mut pieces), read(&mut pieces), read(&mut pieces)], [65, 60, 0]);
    }

    #[test]
    fn a_client_that_hangs_up_gives_all_of_it_back() {
        let budget = MemoryBudget::new(100);
        drop(budget.reserve_nothing().until_read(AnswerBody::from(vec![0; 30]), 50));
        assert_eq!(budget.reserved(), 0);
    }
}
