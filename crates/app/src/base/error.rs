//! The error of a use case: a stable code, a sentence, and what to do. Each face renders it.

use domain::{Refusal, RefusalKind, gate};
use std::sync::Arc;
use store::{FilesError, StoreError};

/// The family of an error; each HTTP status and exit code follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The request cannot be read.
    Malformed,
    /// It can be read, but something in it is wrong.
    Invalid,
    /// Nobody is signed in.
    Unauthenticated,
    /// Somebody is, but may not do this.
    Forbidden,
    /// There is no such thing, or none that the caller may see.
    NotFound,
    /// It does not fit the present state.
    Conflict,
    /// The caller's view is out of date.
    Stale,
    /// The caller must say which state it saw.
    PreconditionRequired,
    /// Too many bytes or files.
    TooLarge,
    /// The gate denies.
    DeniedByPolicy,
    /// The gate warns, and nobody has acknowledged it.
    NotAcknowledged,
    /// Too many requests.
    RateLimited,
    /// The storage is full.
    Full,
    /// Something that is needed does not answer; try again later.
    Unavailable,
    /// A fault of this program.
    Internal,
}

/// A failed use case. Nothing of it was kept, unless the code is `in_doubt` or `not_shown`.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// The family.
    pub kind: Kind,
    /// The stable code.
    pub code: &'static str,
    /// What is wrong, as a sentence for people.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Which part of the request is wrong, as JSON pointers.
    pub fields: Vec<FieldError>,
    /// What a refusal or denial rests on.
    pub details: Option<Box<Details>>,
    /// The cause, for the server's log only.
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// One wrong part of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// A JSON pointer into the body, or the name of a parameter.
    pub pointer: String,
    /// What is wrong with it.
    pub message: String,
}

/// The state behind a refusal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Details {
    /// Where the sign-off stands.
    pub status: Option<String>,
    /// What is missing.
    pub missing: Option<String>,
    /// Who can act.
    pub who_can: Vec<String>,
    /// Where to look.
    pub link: Option<String>,
    /// The gate's answer.
    pub answer: Option<gate::Answer>,
}

impl Error {
    /// An error with this code and message.
    pub fn new(kind: Kind, code: &'static str, message: impl Into<String>) -> Self {
        Self { kind, code, message: message.into(), hint: None, fields: Vec::new(), details: None, source: None }
    }

    /// Adds what to do.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Says which part of the request is wrong.
    pub fn at(mut self, pointer: impl Into<String>) -> Self {
        let message = self.message.clone();
        self.fields.push(FieldError { pointer: pointer.into(), message });
        self
    }

    /// Something in the request is wrong.
    pub fn invalid(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Kind::Invalid, "invalid", message).at(pointer)
    }

    /// There is no such thing, or none that the caller may see: `what` is "project", `name` what was asked for.
    pub fn not_found(what: &'static str, name: impl std::fmt::Display) -> Self {
        Self::new(Kind::NotFound, "not_found", format!("there is no {what} “{name}”, or you may not see it"))
            .hint("Check the name, or ask for access.")
    }

    /// The caller sees it, but may not do this.
    pub fn forbidden(what: impl std::fmt::Display, whom: &str) -> Self {
        Self::new(Kind::Forbidden, "forbidden", format!("you may not {what}: that is for {whom}"))
    }

    /// There is one of this name already.
    pub fn exists(what: &'static str, name: impl std::fmt::Display) -> Self {
        Self::new(Kind::Conflict, "already_exists", format!("there is a {what} “{name}” already")).hint("Choose another name.")
    }

    /// The caller's view is out of date.
    pub fn stale(message: impl Into<String>) -> Self {
        Self::new(Kind::Stale, "stale", message).hint("Look at it again, then decide again.")
    }

    /// A refusal of the sign-off's rules, with the place to look at it.
    pub fn refused(refusal: Refusal, link: String) -> Self {
        let kind = match refusal.kind {
            RefusalKind::NotEntitled | RefusalKind::BarredByDuty => Kind::Forbidden,
            RefusalKind::WrongStatus | RefusalKind::Locked | RefusalKind::AlreadyDecided => Kind::Conflict,
            RefusalKind::Invalid | RefusalKind::NobodyCanApprove => Kind::Invalid,
        };
        let message = refusal.to_string();
        let details = Details {
            status: Some(refusal.status.to_string()),
            who_can: refusal.who_can,
            link: Some(link),
            ..Details::default()
        };
        Self { hint: refusal.hint, details: Some(Box::new(details)), ..Self::new(kind, refusal.kind.code(), message) }
    }

    /// The database is out of reach.
    fn unavailable(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        let message = "the database does not answer; nothing was changed";
        Self { source: Some(Box::new(error)), ..Self::new(Kind::Unavailable, "unavailable", message) }
            .hint("Try again in a moment.")
    }

    /// The database's disk has no room left.
    fn full(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        let message = "the disk that the database is on is full; nothing was changed";
        Self { source: Some(Box::new(error)), ..Self::new(Kind::Full, "storage_full", message) }
            .hint("Ask the server's operator to make room, then try again.")
    }

    /// The same error where the change is committed, and only what came of it could not be read.
    pub fn after_commit(self) -> Self {
        let message = "this was done, but what came of it could not be read back";
        let cause = self.source.unwrap_or_else(|| self.message.into());
        Self { source: Some(cause), ..Self::new(self.kind, "not_shown", message) }.hint("Look at it before you repeat it.")
    }

    /// A fault of this program or of what it stands on.
    pub fn internal(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        let message = "something went wrong inside the server; nothing was changed";
        Self { source: Some(Box::new(error)), ..Self::new(Kind::Internal, "internal", message) }
            .hint("Try again; the server's log says more, under the id of this request.")
    }
}

impl From<Arc<StoreError>> for Error {
    /// Of a failure that several wait for.
    fn from(error: Arc<StoreError>) -> Self {
        match &error {
            _ if error.is_full() => Self::full(error),
            _ if error.is_outage() => Self::unavailable(error),
            _ => Self::internal(error),
        }
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::KeyUsed => {
                let message = "a request with this idempotency key was carried out while this one was on its way";
                Self::new(Kind::Conflict, "idempotency_key_used", message)
                    .hint("Send it again with the same key: if it is the same request, it gets that one's answer.")
            }
            StoreError::InDoubt(_) => {
                let message = "the database went away while this was being committed: it is not known whether it was done";
                Self { source: Some(Box::new(error)), ..Self::new(Kind::Unavailable, "in_doubt", message) }
                    .hint("Look whether it was done before you repeat it.")
            }
            StoreError::AddressTaken => {
                Self::new(Kind::Conflict, "already_exists", "another account has this mail address, but for upper and lower case")
                    .at("/email")
                    .hint("Give another address, or take it away from the other account first.")
            }
            StoreError::Exists => {
                Self::new(Kind::Conflict, "already_exists", "there is one already").hint("Choose another name.")
            }
            _ if error.is_full() => Self::full(error),
            _ if error.is_outage() => Self::unavailable(error),
            _ => Self::internal(error),
        }
    }
}

impl From<FilesError> for Error {
    fn from(error: FilesError) -> Self {
        match &error {
            FilesError::TooLarge(_) => Self::new(Kind::TooLarge, "file_too_large", error.to_string()),
            FilesError::BrokenOff(_) => {
                Self::new(Kind::Malformed, "upload_broken_off", format!("{error}; nothing was kept")).hint("Send the file again.")
            }
            _ if is_full(&error) => {
                let message = "the storage for model files is full; nothing was kept";
                Self { source: Some(Box::new(error)), ..Self::new(Kind::Full, "storage_full", message) }
                    .hint("Ask the server's operator to make room, then send the file again.")
            }
            _ => {
                let message = "the storage for model files does not answer";
                Self { source: Some(Box::new(error)), ..Self::new(Kind::Unavailable, "unavailable", message) }
                    .hint("Try again in a moment.")
            }
        }
    }
}

/// Whether "no space left on device" is at the bottom of it.
fn is_full(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.downcast_ref::<std::io::Error>().is_some_and(|io| io.kind() == std::io::ErrorKind::StorageFull) {
            return true;
        }
        cause = error.source();
    }
    false
}
