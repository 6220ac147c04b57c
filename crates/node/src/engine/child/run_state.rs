//! The request that a session is running, so that a cancelled request stops its own run and no later run.

use ort::session::RunOptions;
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

/// Shared by a session and the tasks that cancel its requests. Numbers of requests only grow.
#[derive(Default)]
pub struct RunState {
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
    cancelled: BTreeSet<u64>,
}

impl RunState {
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
        if state.cancelled.remove(&id) {
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
            state.cancelled.insert(id);
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
        let state = RunState::default();
        state.cancel(2);
        assert!(state.begin(1) && !state.end());
        assert!(!state.begin(2));
        assert!(state.begin(3) && !state.end());
    }

    #[test]
    fn only_the_request_that_runs_is_stopped() {
        let state = RunState::default();
        assert!(state.begin(1));
        state.cancel(1);
        assert!(state.end());
        // Too late: it is over, and the next one is another.
        state.cancel(1);
        assert!(state.begin(2) && !state.end());
        assert!(state.state().cancelled.is_empty());
    }
}
