//! A refusal: the state, the command, the reason, and how to go on.

use crate::{NextStep, signoff::Status};
use serde::{Deserialize, Serialize};

/// Why a command was refused. The codes of the API have the same words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalKind {
    /// The actor holds none of the parts that may do this.
    NotEntitled,
    /// A duty rule bars the actor from the final approval, as an author, editor or requester; or from every review, as a service account.
    BarredByDuty,
    /// A program's token asks for what only somebody who has signed in may do.
    SessionRequired,
    /// The status does not allow the command.
    WrongStatus,
    /// Rejected or abandoned: nothing of the version changes until a reset.
    Locked,
    /// Somebody decided already; a final decision is never edited.
    AlreadyDecided,
    /// Something in the command itself is missing or wrong.
    Invalid,
    /// Nobody could ever pass the final approval as it is configured.
    NobodyCanApprove,
}

/// A refused command.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot {command}: {reason}")]
pub struct Refusal {
    /// The code.
    pub kind: RefusalKind,
    /// What was asked, as a verb phrase: "approve".
    pub command: &'static str,
    /// The status in which it was asked.
    pub status: Status,
    /// Why not, as the end of a sentence.
    pub reason: String,
    /// How to go on.
    pub next: Option<Box<NextStep>>,
    /// Display names of the people who may do it.
    pub who_can: Vec<String>,
}

impl Refusal {
    /// Adds how to go on.
    pub fn next(self, step: NextStep) -> Self {
        Self { next: Some(Box::new(step)), ..self }
    }
}
