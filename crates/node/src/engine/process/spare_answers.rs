//! Memory of large answers that is used again, for some seconds.

use crate::spare::{KEEP_FOR, SpareBuffers};
use bytes::Bytes;
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};
use tokio::time::timeout;

/// How many buffers are kept. A process answers one request of a socket after the other, so that more are seldom wanted.
const MOST: usize = 2;

/// The spare memory of one socket.
#[derive(Debug, Default)]
pub struct SpareAnswers {
    buffers: SpareBuffers,
    /// Answers that somebody has: their memory comes back.
    given: AtomicUsize,
}

impl SpareAnswers {
    /// Memory for an answer of so many bytes.
    pub fn take(&self, bytes: usize) -> Vec<u8> {
        self.buffers.take(bytes).unwrap_or_else(|| Vec::with_capacity(bytes))
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
            self.buffers.free_unused();
        }
        next.await
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
        if self.spare.buffers.count() < MOST {
            self.spare.buffers.keep(std::mem::take(&mut self.bytes));
        }
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
    }
}
