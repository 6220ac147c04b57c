//! The state of a node's loop, for the protocol and the tests.

use crate::table::Current;
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// For how long the loop may stand still: it goes round every second.
const STILL: Duration = Duration::from_secs(10);

/// What is served, and how the node is.
#[derive(Clone, Default)]
pub struct Served {
    /// The table in force.
    pub table: Arc<Current>,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    settled: bool,
    problem: Option<String>,
    /// When the loop went round last.
    turned: Option<Instant>,
    /// When the server answered last.
    heard: Option<Instant>,
}

impl Served {
    /// Whether the node has what it needs, does its own work, and has brought everything of its first plan to something.
    ///
    /// # Errors
    /// Why it is not ready, in a sentence.
    pub fn ready(&self) -> Result<(), String> {
        let state = self.state();
        if let Some(problem) = &state.problem {
            return Err(problem.clone());
        }
        match state.turned.map(|turned| turned.elapsed()) {
            Some(still) if still > STILL => {
                let seconds = still.as_secs();
                Err(format!(
                    "the node's own work stands still for {seconds} seconds and would miss a revocation: restart it if that lasts"
                ))
            }
            Some(_) if state.settled => Ok(()),
            _ => Err("the node has no plan yet, or is still loading it".to_owned()),
        }
    }

    /// How long ago the server answered last; `None` if it never did.
    pub fn news_age(&self) -> Option<Duration> {
        self.state().heard.map(|heard| heard.elapsed())
    }

    pub(super) fn settle(&self) {
        self.state().settled = true;
    }

    pub(super) fn turn(&self, problem: Option<String>) {
        let mut state = self.state();
        state.problem = problem;
        state.turned = Some(Instant::now());
    }

    pub(super) fn hear(&self) {
        self.state().heard = Some(Instant::now());
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
