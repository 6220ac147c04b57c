//! What a command comes to.

use super::state::{SignOff, State};
use crate::{Refusal, event::Event};

/// What became of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "made once for a command and taken apart at once")]
pub enum Outcome {
    /// The state changed: save it and record the event.
    Changed(Box<Transition>),
    /// The very same was done before: nothing to save, nothing to record.
    AlreadyDone(SignOff),
}

/// A changed sign-off and what happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transition {
    /// The sign-off from now on. A reset gives the next round.
    pub signoff: SignOff,
    /// What to record.
    pub event: Event,
}

impl SignOff {
    /// The outcome of a command that led to this state.
    pub(super) fn changed(mut self, state: State, event: Event) -> Result<Outcome, Refusal> {
        self.state = state;
        Ok(Outcome::Changed(Box::new(Transition { signoff: self, event })))
    }
}
