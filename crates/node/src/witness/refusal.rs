//! Why a node follows no plan of its server: the log that the server shows is not the log that the node saw.

use proof::{HandoverError, NoteError};

/// Why a log is refused. What is served goes on.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum LogRefusal {
    /// No checkpoint, where there was one before.
    #[error("the server shows no checkpoint of its log, and this node saw a log of {kept} events")]
    NoCheckpoint {
        /// The events of the largest checkpoint.
        kept: u64,
    },
    /// A checkpoint that the log did not sign.
    #[error("the key of the log that this node goes by did not sign the server's checkpoint: {0}")]
    Signature(#[from] NoteError),
    /// A change of the key that is not shown.
    #[error("the server does not show that the key of its log changed: {0}")]
    Handover(#[from] HandoverError),
    /// A log with fewer events.
    #[error("the server's log has {shown} events, and this node saw {kept}: events are missing")]
    Shrunk {
        /// The events of the largest checkpoint.
        kept: u64,
        /// The events that the server has.
        shown: u64,
    },
    /// A log with other events.
    #[error("the server's log of {shown} events does not continue the log of {kept} events that this node saw")]
    Forked {
        /// The events of the largest checkpoint.
        kept: u64,
        /// The events that the server has.
        shown: u64,
    },
    /// A file that says nothing.
    #[error("what this node kept of the log cannot be used: {0}")]
    Damaged(String),
}

impl LogRefusal {
    /// The reason, and what the node's operator can do.
    pub fn with_remedy(&self) -> String {
        format!(
            "{self}. The node follows no plan of this server; what is in service goes on until its permits end. Find out what happened to \
             the server; if its operator recorded that the log goes on, start the node with --accept-log and the new trust file"
        )
    }
}
