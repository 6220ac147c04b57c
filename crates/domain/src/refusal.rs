//! A refusal: the state, the command and the reason, in words that a person can act on.

use crate::signoff::Status;
use serde::{Deserialize, Serialize};

/// Why a command was refused, as a stable code for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalKind {
    /// The actor holds none of the parts that may do this.
    NotEntitled,
    /// A duty rule bars the actor from the final approval: author, requester or service account.
    BarredByDuty,
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

impl RefusalKind {
    /// The code as the API writes it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotEntitled => "not_entitled",
            Self::BarredByDuty => "barred_by_duty",
            Self::WrongStatus => "wrong_status",
            Self::Locked => "locked",
            Self::AlreadyDecided => "already_decided",
            Self::Invalid => "invalid",
            Self::NobodyCanApprove => "nobody_can_approve",
        }
    }
}

/// A refused command.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot {command} while the sign-off is {status}: {reason}")]
pub struct Refusal {
    /// The code.
    pub kind: RefusalKind,
    /// What was asked, as a verb phrase: "approve".
    pub command: &'static str,
    /// The status in which it was asked.
    pub status: Status,
    /// Why not, as the end of a sentence.
    pub reason: String,
    /// What to do instead, as a sentence.
    pub hint: Option<String>,
    /// Display names of the people who may do it.
    pub who_can: Vec<String>,
}
