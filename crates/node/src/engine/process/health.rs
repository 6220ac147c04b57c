//! What is known of the processes of a model, for those who ask how the model is.

use crate::engine::interface::{ModelDown, ModelHealth};
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;

/// For how long the end of a process is told after another one took its place.
const TOLD_FOR: Duration = Duration::from_secs(600);

/// The processes of a model so far.
#[derive(Debug, Default)]
pub struct ProcessHistory {
    down: Option<ModelDown>,
    restarts: u64,
    /// When the last process ended, and the sentence on it.
    last_end: Option<(Instant, Arc<str>)>,
}

impl ProcessHistory {
    /// Notes that the process ended, before anything is known of why.
    pub fn gone(&mut self) {
        self.down = Some(ModelDown { reason: "the model's process ended and is started again".into(), starting: true });
    }

    /// Notes why the process ended.
    pub fn ended(&mut self, why: &str, now: Instant) {
        self.down =
            Some(ModelDown { reason: format!("the model's process ended ({why}) and is started again").into(), starting: true });
        let times = match self.restarts {
            0 => String::new(),
            1 => ", for the second time".to_owned(),
            more => format!(", after {more} restarts"),
        };
        self.last_end = Some((now, format!("the model's process ended ({why}){times}").into()));
    }

    /// Notes that no process could be started.
    pub fn not_started(&mut self, why: &str, next: Duration) {
        let next = match next.as_secs() {
            0 => String::new(),
            1 => "; the next try is in a second".to_owned(),
            seconds => format!("; the next try is in {seconds} seconds"),
        };
        self.down = Some(ModelDown {
            reason: format!("the model's process ended and does not start again: {why}{next}").into(),
            starting: false,
        });
    }

    /// Notes that another process is at work.
    pub fn started_again(&mut self) {
        self.down = None;
        self.restarts += 1;
    }

    /// How the model is.
    pub fn health(&self, now: Instant) -> ModelHealth {
        let lately = self.last_end.as_ref().filter(|(at, _)| now.saturating_duration_since(*at) < TOLD_FOR);
        ModelHealth { down: self.down.clone(), restarts: self.restarts, ended_lately: lately.map(|(_, why)| Arc::clone(why)) }
    }
}
