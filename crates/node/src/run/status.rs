//! The state of a node's loop, for the protocol and the tests.

use crate::{protocol::ServerNews, server::LogReport, services::CurrentTable};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// For how long the loop may stand still: it goes round every second.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// The services, and the state of the node.
#[derive(Clone, Default)]
pub struct NodeStatus {
    /// The table in force.
    pub table: Arc<CurrentTable>,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    settled: bool,
    problem: Option<String>,
    /// When the loop went round last.
    last_round: Option<Instant>,
    /// When the server answered last.
    last_answer: Option<Instant>,
    log_size: Option<u64>,
    /// Why the log is refused, if it is.
    log_refusal: Option<String>,
    /// That the disk does not answer, if it does not.
    disk_problem: Option<String>,
}

impl NodeStatus {
    /// Whether the node has what it needs, does its own work, and has brought everything of its first plan to something.
    ///
    /// # Errors
    /// Why it is not ready, in a sentence.
    pub fn ready(&self) -> Result<(), String> {
        let state = self.state();
        if let Some(problem) = &state.problem {
            return Err(problem.clone());
        }
        match state.last_round.map(|round| round.elapsed()) {
            Some(pause) if pause > LONGEST_PAUSE => {
                let seconds = pause.as_secs();
                Err(format!(
                    "the node's own work stands still for {seconds} seconds and would miss a revocation: restart it if that lasts"
                ))
            }
            Some(_) if state.settled => Ok(()),
            _ if state.log_refusal.is_some() => Err(state.log_refusal.clone().unwrap_or_default()),
            // Whatever is loaded answers without the disk.
            _ if state.disk_problem.is_some() => Err(state.disk_problem.clone().unwrap_or_default()),
            _ => Err("the node has no plan yet, or is still loading it".to_owned()),
        }
    }

    /// What the node heard of its server.
    pub fn news(&self) -> ServerNews {
        let state = self.state();
        let age = state.last_answer.map(|answer| answer.elapsed());
        ServerNews { age, log_size: state.log_size, log_refused: state.log_refusal.is_some() }
    }

    /// Notes how the log stands.
    pub(super) fn saw_log(&self, log: &LogReport) {
        let mut state = self.state();
        (state.log_size, state.log_refusal) = (log.size, log.refusal.clone());
    }

    /// Notes how the disk is.
    pub(super) fn saw_disk(&self, problem: Option<String>) {
        self.state().disk_problem = problem;
    }

    pub(super) fn settle(&self) {
        self.state().settled = true;
    }

    pub(super) fn went_round(&self, problem: Option<String>) {
        let mut state = self.state();
        state.problem = problem;
        state.last_round = Some(Instant::now());
    }

    pub(super) fn server_answered(&self) {
        self.state().last_answer = Some(Instant::now());
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
