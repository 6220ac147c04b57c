//! Memory for a body, with its part of the budget. It is used again for the next body.

use super::memory::{MemoryBudget, Reservation};
use std::sync::Arc;

/// Memory with its part of the budget.
pub(super) struct Buffer {
    pub(super) bytes: Vec<u8>,
    reservation: Reservation,
}

impl Buffer {
    /// Without memory.
    pub(super) fn new(budget: &Arc<MemoryBudget>) -> Self {
        Self { bytes: Vec::new(), reservation: budget.reserve_nothing() }
    }

    /// With room for so many bytes, a spare one where one has about that. `None` if there is no memory.
    pub(super) fn with_room(bytes: usize, budget: &Arc<MemoryBudget>) -> Option<Self> {
        if let Some((bytes, reservation)) = budget.take_spare(bytes) {
            return Some(Self { bytes, reservation });
        }
        let mut reservation = budget.reserve_nothing();
        reservation.grow(bytes).then(|| Self { bytes: Vec::with_capacity(bytes), reservation })
    }

    /// Takes as much more that there is room for so many bytes. `false` if there is no memory.
    pub(super) fn grow(&mut self, bytes: usize) -> bool {
        let grown = self.reservation.grow(bytes - self.bytes.capacity());
        if grown {
            self.bytes.reserve_exact(bytes - self.bytes.len());
        }
        grown
    }

    /// Keeps the memory for another body, if that is worth it.
    pub(super) fn give_back(self) {
        self.reservation.keep_spare(self.bytes);
    }
}

/// The bytes of a body, whose memory is spare when the last owner drops them.
pub(super) struct BodyBytes(pub(super) Option<Buffer>);

impl AsRef<[u8]> for BodyBytes {
    fn as_ref(&self) -> &[u8] {
        self.0.as_ref().map_or(&[], |buffer| &buffer.bytes)
    }
}

impl Drop for BodyBytes {
    fn drop(&mut self) {
        if let Some(buffer) = self.0.take() {
            buffer.give_back();
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that panics says where and why")]

    use super::*;
    use std::time::Duration;

    const MIB: usize = 1 << 20;

    #[tokio::test(start_paused = true)]
    async fn memory_is_used_again_and_freed_when_nobody_wants_it() {
        let budget = MemoryBudget::new(4 * MIB);
        let buffer = Buffer::with_room(MIB, &budget).unwrap();
        let place = buffer.bytes.as_ptr();
        buffer.give_back();
        assert_eq!(budget.reserved(), MIB, "it is still held, so it counts");
        assert!(Buffer::with_room(MIB / 4, &budget).unwrap().bytes.capacity() < MIB, "who needs little gets little");
        let again = Buffer::with_room(MIB * 7 / 8, &budget).unwrap();
        assert_eq!((again.bytes.as_ptr(), budget.reserved()), (place, MIB));
        again.give_back();
        tokio::time::sleep(Duration::from_secs(10)).await;
        assert_eq!(budget.reserved(), 0);
    }

    #[tokio::test]
    async fn spare_memory_makes_room_for_bodies() {
        let budget = MemoryBudget::new(4 * MIB);
        let three = [(); 3].map(|()| Buffer::with_room(MIB, &budget).unwrap());
        three.into_iter().for_each(Buffer::give_back);
        assert_eq!(budget.reserved(), 3 * MIB);
        let large = Buffer::with_room(4 * MIB, &budget).unwrap();
        assert_eq!(budget.reserved(), 4 * MIB);
        assert!(Buffer::with_room(1, &budget).is_none(), "what is in use makes no room");
        drop(large);
        assert_eq!(budget.reserved(), 0);
    }
}
