//! Memory of large bodies and tensors that is used again. Memory that is taken anew for each of them comes from the system page by page; so it stays for
//! some seconds, and is freed when no further body wants it.

use std::{
    mem::take,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// From how many bytes on memory is kept.
const LEAST: usize = 256 << 10;
/// By which part a spare buffer may be larger than one that is wanted: bodies of one kind have about one size.
const SPARE_PART: usize = 4;
/// For how long memory is kept.
pub(crate) const KEEP_FOR: Duration = Duration::from_secs(2);

/// Buffers that nobody uses.
#[derive(Debug, Default)]
pub(crate) struct SpareBuffers(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// The one that was used last comes last.
    buffers: Vec<(Instant, Vec<u8>)>,
    /// Whether somebody frees them in time.
    watched: bool,
}

impl SpareBuffers {
    /// Whether a buffer is worth keeping.
    pub(crate) fn wants(buffer: &Vec<u8>) -> bool {
        buffer.capacity() >= LEAST
    }

    /// Keeps a buffer. Whether somebody has to call [`Self::free_unused`] from now on.
    pub(crate) fn keep(&self, mut buffer: Vec<u8>) -> bool {
        buffer.clear();
        let mut state = self.state();
        state.buffers.push((Instant::now(), buffer));
        !std::mem::replace(&mut state.watched, true)
    }

    /// A buffer of this size, or a little larger.
    pub(crate) fn take(&self, bytes: usize) -> Option<Vec<u8>> {
        let mut state = self.state();
        let fits = |(_, spare): &(Instant, Vec<u8>)| (bytes..=bytes + bytes / SPARE_PART).contains(&spare.capacity());
        let place = state.buffers.iter().rposition(fits)?;
        Some(state.buffers.remove(place).1)
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.state().buffers.len()
    }

    /// Frees all of them. How many bytes that were.
    pub(crate) fn free(&self) -> usize {
        size(take(&mut self.state().buffers))
    }

    /// Frees what nobody used for a while. How many bytes that were, and whether any are left to be freed later.
    pub(crate) fn free_unused(&self) -> (usize, bool) {
        let mut state = self.state();
        let unused = state.buffers.extract_if(.., |(since, _)| since.elapsed() >= KEEP_FOR).collect();
        state.watched = !state.buffers.is_empty();
        let watched = state.watched;
        drop(state);
        (size(unused), watched)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn size(buffers: Vec<(Instant, Vec<u8>)>) -> usize {
    buffers.iter().map(|(_, buffer)| buffer.capacity()).sum()
}
