//! The bytes of a body while it arrives. The buffer takes memory in steps, each counted before it is taken: a client that announces much
//! and sends little holds little, and what is counted is what is held.

use super::{
    buffer::{BodyBytes, Buffer},
    memory::MemoryBudget,
};
use bytes::Bytes;
use std::{mem::replace, sync::Arc};

/// The first step.
const FIRST: usize = 64 << 10;
/// How many times more the next step is, where the client announced a length, which no step goes beyond.
const STEP: usize = 8;
/// The part by which the next step is more where the client announced nothing: most of it gets used then.
const SMALL_STEP: usize = 4;

/// A body that arrives.
pub(crate) struct BodyBuffer {
    buffer: Buffer,
    budget: Arc<MemoryBudget>,
    /// What the body may become.
    most: usize,
    announced: bool,
}

impl BodyBuffer {
    /// For a body of the length that the client announced, or of this many bytes at most.
    pub(crate) fn new(announced: Option<usize>, most: usize, budget: &Arc<MemoryBudget>) -> Self {
        let (buffer, budget) = (Buffer::new(budget), Arc::clone(budget));
        Self { buffer, budget, most: announced.unwrap_or(most), announced: announced.is_some() }
    }

    /// Adds bytes. `false` if there is no memory for them.
    pub(crate) fn add(&mut self, bytes: &[u8]) -> bool {
        let (needed, had) = (self.len() + bytes.len(), self.buffer.bytes.capacity());
        if needed > had {
            let larger = if self.announced { had.saturating_mul(STEP) } else { had + had / SMALL_STEP };
            let wanted = FIRST.max(larger).min(self.most).max(needed);
            match Buffer::with_room(wanted, &self.budget) {
                Some(larger) => {
                    let smaller = replace(&mut self.buffer, larger);
                    self.buffer.bytes.extend_from_slice(&smaller.bytes);
                    smaller.give_back();
                }
                // There is none for both at once.
                None if self.buffer.grow(wanted) => {}
                None => return false,
            }
        }
        self.buffer.bytes.extend_from_slice(bytes);
        true
    }

    /// How many bytes have arrived.
    pub(crate) fn len(&self) -> usize {
        self.buffer.bytes.len()
    }

    /// Whether none has arrived.
    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The body, with its part of the memory.
    pub(crate) fn into_bytes(self) -> Bytes {
        Bytes::from_owner(BodyBytes(Some(self.buffer)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The memory that is counted after each piece of a body.
    fn counted(announced: Option<usize>, piece: usize, pieces: usize) -> Vec<usize> {
        let budget = MemoryBudget::new(64 << 20);
        let mut buffer = BodyBuffer::new(announced, 16 << 20, &budget);
        let add = |_| {
            assert!(buffer.add(&vec![7; piece]));
            assert!(budget.reserved() >= buffer.buffer.bytes.capacity());
            budget.reserved()
        };
        let counted = (0..pieces).map(add).collect();
        assert_eq!(buffer.into_bytes(), vec![7; piece * pieces]);
        counted
    }

    #[test]
    fn what_is_announced_takes_its_memory_as_it_arrives_and_no_more_than_announced() {
        let announced = 1 << 20;
        let counted = counted(Some(announced), 16 << 10, 64);
        assert_eq!(counted[0], FIRST, "who sends little holds little");
        assert!(counted.iter().enumerate().all(|(place, bytes)| *bytes <= FIRST.max((place + 1) * (16 << 10) * STEP)));
        assert_eq!(*counted.last().unwrap(), announced);
    }

    #[test]
    fn what_is_not_announced_takes_little_more_than_arrived() {
        let counted = counted(None, 16 << 10, 64);
        assert!(counted.iter().enumerate().all(|(place, bytes)| *bytes <= FIRST.max((place + 1) * (16 << 10) * 5 / 4)));
    }

    #[test]
    fn without_memory_nothing_is_taken() {
        let budget = MemoryBudget::new(FIRST);
        let mut buffer = BodyBuffer::new(Some(1 << 20), 1 << 20, &budget);
        assert!(buffer.add(&vec![1; FIRST]));
        assert!(!buffer.add(&[1]));
        assert_eq!((buffer.len(), budget.reserved()), (FIRST, FIRST));
    }
}
