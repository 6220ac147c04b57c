//! Tries the disk of the cache now and then, from a thread of its own. A disk that hangs stops no service that runs. But the node could load
//! nothing and keep nothing, so the node says it before somebody needs the disk.

use super::cache::FileCache;
use std::{
    io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread,
    time::{Duration, Instant},
};

/// The checks of a disk. They end when this is dropped.
#[derive(Debug)]
pub struct DiskCheck {
    check: Arc<Check>,
    _end: Sender<()>,
}

#[derive(Debug)]
struct Check {
    cache: Arc<FileCache>,
    every: Duration,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// When the present check began.
    begun: Option<Instant>,
    /// What went wrong in the last one.
    failure: Option<String>,
}

impl DiskCheck {
    /// How often a node checks its disk, and for how long it waits for an answer.
    pub const EVERY: Duration = Duration::from_secs(10);

    /// Starts the thread. A check that takes longer than `every` is a problem.
    ///
    /// # Errors
    /// The system's.
    pub fn start(cache: Arc<FileCache>, every: Duration) -> io::Result<Self> {
        let check = Arc::new(Check { cache, every, state: Mutex::default() });
        let (end, ended) = channel();
        let checking = Arc::clone(&check);
        // Nobody waits for the thread: a disk that hangs must not keep the node from stopping.
        thread::Builder::new().name("disk".to_owned()).spawn(move || checking.work(&ended))?;
        Ok(Self { check, _end: end })
    }

    /// That the disk does not answer, in a sentence that stays the same meanwhile.
    pub fn hang(&self) -> Option<String> {
        let Check { cache, every, .. } = &*self.check;
        let begun = self.check.state().begun?;
        (begun.elapsed() > *every).then(|| {
            format!(
                "the disk with {} has not answered for more than {} seconds: models that are loaded go on answering, but the node can load \
                 no other version and keep no plan for its next start",
                cache.folder().display(),
                every.as_secs()
            )
        })
    }

    /// Why the disk takes nothing, or a file of the cache cannot be read, in a sentence.
    pub fn failure(&self) -> Option<String> {
        let state = self.check.state();
        let error = state.failure.as_ref()?;
        Some(format!(
            "the cache cannot be used: {error}: the node goes on with files from the server, but cannot start without the server"
        ))
    }
}

impl Check {
    fn work(&self, ended: &Receiver<()>) {
        loop {
            self.state().begun = Some(Instant::now());
            let failure = self.cache.try_out().err().map(|error| error.to_string());
            *self.state() = State { begun: None, failure };
            if !matches!(ended.recv_timeout(self.every), Err(RecvTimeoutError::Timeout)) {
                return;
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
