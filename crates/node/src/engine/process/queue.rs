//! The requests of one session. The queue gathers requests while they wait, and answers come in the order of the requests. Adding a
//! request neither sends nor waits.

use super::outgoing::Outgoing;
use crate::engine::messages::frames::{self, MalformedFrame, Outcome};
use bytes::Bytes;
use std::{
    collections::VecDeque,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};
use tokio::sync::{Notify, oneshot};

/// Bytes that may wait to be sent. One request alone may have more.
const MOST_WAITING_BYTES: usize = 64 << 20;

/// The answer to a request: how it went, and what followed.
pub type Answer = (Outcome, Bytes);

/// The requests of one session.
#[derive(Default)]
pub struct Queue {
    state: Mutex<State>,
    /// Requests that have no answer yet.
    load: AtomicUsize,
    /// Wakes the sender.
    added: Notify,
}

#[derive(Default)]
struct State {
    to_send: Outgoing,
    waiting: VecDeque<(u64, oneshot::Sender<Answer>)>,
    last: u64,
    closed: bool,
}

/// Why a queue does not take a request.
#[derive(Debug, PartialEq, Eq)]
pub enum QueueError {
    /// Too many bytes wait.
    Full,
    /// The process has ended.
    Closed,
}

impl Queue {
    /// Requests that have no answer yet.
    pub fn load(&self) -> usize {
        self.load.load(Relaxed)
    }

    /// Adds a request of about `size` bytes; `write` gets its number and writes its frame.
    ///
    /// # Errors
    /// When it was not taken.
    pub fn add(
        &self,
        size: usize,
        write: impl FnOnce(&mut Outgoing, u64),
    ) -> Result<(u64, oneshot::Receiver<Answer>), QueueError> {
        let mut state = self.state();
        if state.closed {
            return Err(QueueError::Closed);
        }
        if !state.to_send.is_empty() && state.to_send.len() + size > MOST_WAITING_BYTES {
            return Err(QueueError::Full);
        }
        state.last += 1;
        let id = state.last;
        write(&mut state.to_send, id);
        let (answer, receiver) = oneshot::channel();
        state.waiting.push_back((id, answer));
        self.load.fetch_add(1, Relaxed);
        drop(state);
        self.added.notify_one();
        Ok((id, receiver))
    }

    /// Waits for something to send and takes all there is; `empty` has a used buffer to go on with. A caller that stops waiting loses
    /// nothing but that buffer.
    pub async fn take(&self, empty: Outgoing) -> Outgoing {
        loop {
            // Lets other tasks add their requests first, so that one message carries all of them.
            tokio::task::yield_now().await;
            {
                let mut state = self.state();
                if !state.to_send.is_empty() {
                    return std::mem::replace(&mut state.to_send, empty);
                }
            }
            self.added.notified().await;
        }
    }

    /// Gives back the memory for requests that wait, if none does.
    pub fn rest(&self) {
        let mut state = self.state();
        if state.to_send.is_empty() {
            state.to_send = Outgoing::default();
        }
    }

    /// Hands an answer, without its length, to the task that waits for the answer.
    ///
    /// # Errors
    /// When it answers no request, or not the first of them.
    pub fn answer(&self, mut frame: Bytes) -> Result<(), MalformedFrame> {
        let (id, outcome) = frames::take_outcome(&mut frame)?;
        let (first, waiting) = self.state().waiting.pop_front().ok_or(MalformedFrame)?;
        if first != id {
            return Err(MalformedFrame);
        }
        self.load.fetch_sub(1, Relaxed);
        // No task waits for a cancelled request.
        let _ = waiting.send((outcome, frame));
        Ok(())
    }

    /// Whether a request is the first of those that wait; `None` once it is answered.
    pub fn is_first(&self, id: u64) -> Option<bool> {
        let state = self.state();
        let first = state.waiting.front().map(|(first, _)| *first)?;
        (first <= id).then_some(first == id)
    }

    /// Whether a request was ever added.
    pub fn was_used(&self) -> bool {
        self.state().last > 0
    }

    /// Takes no more requests and drops those that wait: their tasks learn that no answer comes.
    pub fn close(&self) {
        let mut state = self.state();
        state.closed = true;
        state.waiting.clear();
        state.to_send = Outgoing::default();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that panics says where and why")]

    use super::*;

    fn add(queue: &Queue) -> (u64, oneshot::Receiver<Answer>) {
        queue.add(8, |out, id| out.buffer().extend(id.to_le_bytes())).unwrap()
    }

    fn answer(id: u64) -> Bytes {
        let mut frame = Vec::new();
        frames::put_outcome(&mut frame, id, Outcome::Done);
        frame.push(7);
        frame.into()
    }

    #[tokio::test]
    async fn requests_are_sent_together_and_answered_in_their_order() {
        let queue = Queue::default();
        let (first, second) = (add(&queue), add(&queue));
        let mut taken = queue.take(Outgoing::default()).await;
        assert_eq!(*taken.buffer(), [first.0.to_le_bytes(), second.0.to_le_bytes()].concat());
        assert_eq!((queue.load(), queue.is_first(first.0), queue.is_first(second.0)), (2, Some(true), Some(false)));
        queue.answer(answer(first.0)).unwrap();
        assert_eq!(first.1.await, Ok((Outcome::Done, Bytes::from_static(&[7]))));
        assert_eq!((queue.load(), queue.is_first(first.0), queue.is_first(second.0)), (1, None, Some(true)));
    }

    #[test]
    fn an_answer_to_another_request_makes_no_sense() {
        let queue = Queue::default();
        assert_eq!(queue.answer(answer(1)), Err(MalformedFrame));
        let (_, second) = (add(&queue), add(&queue));
        assert_eq!(queue.answer(answer(second.0)), Err(MalformedFrame));
        assert_eq!(queue.answer(Bytes::new()), Err(MalformedFrame));
    }

    #[tokio::test]
    async fn requests_that_wait_when_the_queue_closes_get_no_answer() {
        let queue = Queue::default();
        let (_, waiting) = add(&queue);
        queue.close();
        assert!(waiting.await.is_err());
        assert_eq!(queue.add(8, |_, _| ()).unwrap_err(), QueueError::Closed);
    }

    #[test]
    fn bytes_that_wait_are_limited() {
        let queue = Queue::default();
        let large = MOST_WAITING_BYTES + 1;
        queue.add(large, |out, _| out.buffer().push(0)).unwrap();
        assert_eq!(queue.add(large, |_, _| ()).unwrap_err(), QueueError::Full);
        queue.add(1, |_, _| ()).unwrap();
    }
}
