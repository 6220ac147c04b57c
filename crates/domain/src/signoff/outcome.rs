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
    /// The sign-off from now on, with the round that counts beside the present one. A reset gives the next round.
    pub signoff: SignOff,
    /// The round that changed.
    pub round: u32,
    /// What to record.
    pub event: Event,
}

impl SignOff {
    /// The outcome of a command that led this round to this state.
    pub(super) fn changed(mut self, state: State, event: Event) -> Result<Outcome, Refusal> {
        self.state = state;
        let round = self.round;
        Ok(Outcome::Changed(Box::new(Transition { signoff: self.arranged(), round, event })))
    }
}

impl Transition {
    /// The round that changed, as it stands now; none where the change left it behind.
    pub fn changed(&self) -> Option<&SignOff> {
        self.signoff.rounds().find(|round| round.round == self.round)
    }
}
