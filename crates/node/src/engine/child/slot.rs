//! The request that a session is running, so that a cancelled request stops its own run and no later run.

use ort::session::RunOptions;
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

/// Shared by a session and the tasks that cancel its requests. Numbers of requests only grow.
#[derive(Default)]
pub struct Slot {
    options: OnceLock<Arc<RunOptions>>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The request that runs.
    running: Option<u64>,
    /// Whether it was stopped.
    stopped: bool,
    /// The highest number that was begun.
    begun: u64,
    /// Requests that were called off before they began.
    called_off: BTreeSet<u64>,
}

impl Slot {
    /// The options under which the session runs, made when it is first asked for.
    ///
    /// # Errors
    /// The library's.
    pub fn options(&self) -> ort::Result<Arc<RunOptions>> {
        if let Some(options) = self.options.get() {
            return Ok(options.clone());
        }
        let options = Arc::new(RunOptions::new()?);
        Ok(self.options.get_or_init(|| options).clone())
    }

    /// Whether a request is to be run.
    pub fn begin(&self, id: u64) -> bool {
        let mut state = self.state();
        state.begun = id;
        if state.called_off.remove(&id) {
            return false;
        }
        state.running = Some(id);
        true
    }

    /// Says that it ran; whether it was stopped.
    pub fn end(&self) -> bool {
        let mut state = self.state();
        state.running = None;
        let stopped = std::mem::take(&mut state.stopped);
        if let (true, Some(options)) = (stopped, self.options.get()) {
            // It cannot fail: it sets a flag.
            let _ = options.unterminate();
        }
        stopped
    }

    /// Calls a request off: stops it if it runs, and otherwise lets it not begin.
    pub fn cancel(&self, id: u64) {
        let mut state = self.state();
        if state.running == Some(id) {
            state.stopped = true;
            if let Some(options) = self.options.get() {
                let _ = options.terminate();
            }
        } else if id > state.begun {
            state.called_off.insert(id);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_called_off_before_it_began_is_not_begun() {
        let slot = Slot::default();
        slot.cancel(2);
        assert!(slot.begin(1) && !slot.end());
        assert!(!slot.begin(2));
        assert!(slot.begin(3) && !slot.end());
    }

    #[test]
    fn only_the_request_that_runs_is_stopped() {
        let slot = Slot::default();
        assert!(slot.begin(1));
        slot.cancel(1);
        assert!(slot.end());
        // Too late: it is over, and the next one is another.
        slot.cancel(1);
        assert!(slot.begin(2) && !slot.end());
        assert!(slot.state().called_off.is_empty());
    }
}
