//! Memory of large answers that is used again, for some seconds.

use crate::spare::{KEEP_FOR, SpareBuffers};
use bytes::Bytes;
use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
};
use tokio::time::timeout;

/// How many buffers of a socket are kept. A process answers one request of a socket after the other, so that more are seldom wanted.
const MOST: usize = 2;
/// How many bytes are kept for all sockets of the node together.
const MOST_BYTES: usize = 32 << 20;

/// How many bytes are kept.
static KEPT: AtomicUsize = AtomicUsize::new(0);

/// The spare memory of one socket.
#[derive(Debug, Default)]
pub struct SpareAnswers {
    buffers: SpareBuffers,
    /// Answers that somebody has: their memory comes back.
    given: AtomicUsize,
    /// Whether nothing is received any more.
    closed: AtomicBool,
}

impl SpareAnswers {
    /// Memory for an answer of so many bytes.
    pub fn take(&self, bytes: usize) -> Vec<u8> {
        match self.buffers.take(bytes) {
            Some(spare) => {
                KEPT.fetch_sub(spare.capacity(), SeqCst);
                spare
            }
            None => Vec::with_capacity(bytes),
        }
    }

    /// An answer whose memory is spare when its last owner drops it.
    pub fn answer(self: &Arc<Self>, bytes: Vec<u8>) -> Bytes {
        self.given.fetch_add(1, SeqCst);
        Bytes::from_owner(Answer { bytes, spare: Arc::clone(self) })
    }

    /// Waits for what comes next, and frees meanwhile what nobody used for a while.
    pub async fn meanwhile<T>(&self, next: impl Future<Output = T>) -> T {
        let mut next = std::pin::pin!(next);
        while self.given.load(SeqCst) + self.buffers.count() > 0 {
            if let Ok(next) = timeout(KEEP_FOR, &mut next).await {
                return next;
            }
            KEPT.fetch_sub(self.buffers.free_unused().0, SeqCst);
        }
        next.await
    }

    /// Keeps nothing from now on: the process has ended.
    pub fn close(&self) {
        self.closed.store(true, SeqCst);
        KEPT.fetch_sub(self.buffers.free(), SeqCst);
    }

    fn keep(&self, bytes: Vec<u8>) {
        let size = bytes.capacity();
        if self.closed.load(SeqCst) || self.buffers.count() >= MOST {
            return;
        }
        if KEPT.fetch_add(size, SeqCst) + size > MOST_BYTES {
            KEPT.fetch_sub(size, SeqCst);
            return;
        }
        self.buffers.keep(bytes);
    }
}

struct Answer {
    bytes: Vec<u8>,
    spare: Arc<SpareAnswers>,
}

impl AsRef<[u8]> for Answer {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.spare.keep(std::mem::take(&mut self.bytes));
        // Afterwards: a receiver that waits for nothing else looks for this memory as long as somebody has an answer.
        self.spare.given.fetch_sub(1, SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::time::sleep;

    #[tokio::test(start_paused = true)]
    async fn memory_is_used_again_and_freed_when_no_answer_wants_it() {
        let spare = Arc::<SpareAnswers>::default();
        let whole = spare.take(1 << 20);
        let place = whole.as_ptr();
        drop(spare.answer(whole));
        let again = spare.take(1 << 20);
        assert_eq!(again.as_ptr(), place);
        // Somebody still reads it when the receiver begins to wait.
        let answer = spare.answer(again);
        let reading = async {
            sleep(Duration::from_secs(5)).await;
            drop(answer);
            assert_eq!(spare.buffers.count(), 1);
        };
        let waiting = spare.meanwhile(sleep(Duration::from_secs(20)));
        tokio::join!(reading, waiting);
        assert_eq!(spare.buffers.count(), 0);
        let three = [(); 3].map(|()| spare.answer(spare.take(1 << 20)));
        drop(three);
        assert_eq!(spare.buffers.count(), MOST);
        let last = spare.answer(spare.take(1 << 20));
        spare.close();
        drop(last);
        assert_eq!(spare.buffers.count(), 0, "the process has ended");
        drop(spare.answer(spare.take(MOST_BYTES + 1)));
        assert_eq!(KEPT.load(SeqCst), 0);
    }
}
