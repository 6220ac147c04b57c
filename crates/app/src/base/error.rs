//! The error of a use case: a stable code, a sentence, and how to go on. Each face renders it in its own words.

mod code;

pub use code::{Code, Kind};

use domain::{NextStep, Refusal, gate};
use std::sync::Arc;
use store::{FilesError, StoreError};

/// The cause of a failure, for the server's log only.
type Cause = Box<dyn std::error::Error + Send + Sync>;

/// A failed use case. Nothing of it was kept, unless the code is `in_doubt` or `not_shown`.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// The stable code.
    pub code: Code,
    /// What is wrong, as a sentence for people.
    pub message: String,
    /// How to go on.
    pub next: Option<Box<NextStep>>,
    /// Which part of the request is wrong, as JSON pointers.
    pub fields: Vec<FieldError>,
    /// What a refusal or denial rests on.
    pub details: Option<Box<Details>>,
    /// The cause, for the server's log only.
    #[source]
    pub source: Option<Cause>,
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
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), next: None, fields: Vec::new(), details: None, source: None }
    }

    /// The family of the error.
    pub fn kind(&self) -> Kind {
        self.code.kind()
    }

    /// Adds how to go on.
    pub fn next(self, step: NextStep) -> Self {
        Self { next: Some(Box::new(step)), ..self }
    }

    /// Adds the cause.
    fn because_of(self, cause: impl Into<Cause>) -> Self {
        Self { source: Some(cause.into()), ..self }
    }

    /// Says which part of the request is wrong.
    pub fn at(mut self, pointer: impl Into<String>) -> Self {
        let message = self.message.clone();
        self.fields.push(FieldError { pointer: pointer.into(), message });
        self
    }

    /// Something in the request is wrong.
    pub fn invalid(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Code::Invalid, message).at(pointer)
    }

    /// There is no such thing, or none that the caller may see: `what` is "project", `name` what was asked for.
    pub fn not_found(what: &'static str, name: impl std::fmt::Display) -> Self {
        Self::new(Code::NotFound, format!("there is no {what} “{name}”, or you may not see it")).next(NextStep::CheckName)
    }

    /// The caller sees it, but may not do this.
    pub fn forbidden(what: impl std::fmt::Display, whom: &str) -> Self {
        Self::new(Code::Forbidden, format!("you may not {what}: that is for {whom}"))
    }

    /// There is one of this name already.
    pub fn exists(what: &'static str, name: impl std::fmt::Display) -> Self {
        let article = if what.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" };
        Self::new(Code::AlreadyExists, format!("there is {article} {what} “{name}” already")).next(NextStep::ChooseAnotherName)
    }

    /// The caller's view is out of date.
    pub fn stale(message: impl Into<String>) -> Self {
        Self::new(Code::Stale, message).next(NextStep::LookAgain)
    }

    /// A refusal of the sign-off's rules, with the place to look at it.
    pub fn refused(refusal: Refusal, link: String) -> Self {
        let message = refusal.to_string();
        let details = Details {
            status: Some(refusal.status.to_string()),
            who_can: refusal.who_can,
            link: Some(link),
            ..Details::default()
        };
        Self { next: refusal.next, details: Some(Box::new(details)), ..Self::new(refusal.kind.into(), message) }
    }

    /// The database is out of reach.
    pub(crate) fn unavailable(cause: impl Into<Cause>) -> Self {
        let message = "the database does not answer; nothing was changed";
        Self::new(Code::Unavailable, message).because_of(cause).next(NextStep::TryAgain)
    }

    /// Something in the database that this server did not write.
    fn altered(cause: impl Into<Cause> + std::fmt::Display) -> Self {
        Self::new(Code::StoreAltered, cause.to_string()).because_of(cause).next(NextStep::VerifyStore)
    }

    /// A log that is shorter than it was.
    fn forked(cause: impl Into<Cause> + std::fmt::Display) -> Self {
        Self::new(Code::LogForked, cause.to_string()).because_of(cause).next(NextStep::ContinueLog)
    }

    /// The database's disk has no room left.
    fn full(cause: impl Into<Cause>) -> Self {
        let message = "the disk that the database is on is full; nothing was changed";
        Self::new(Code::StorageFull, message).because_of(cause).next(NextStep::MakeRoom)
    }

    /// The same error where the change is committed, and only what came of it could not be read.
    pub fn after_commit(self) -> Self {
        let cause = self.source.unwrap_or_else(|| self.message.into());
        let message = "this was done, but what came of it could not be read back";
        Self::new(Code::NotShown, message).because_of(cause).next(NextStep::LookBeforeRepeating)
    }

    /// A fault of this program or of what it stands on; the cause may be an error or a sentence.
    pub fn internal(cause: impl Into<Cause>) -> Self {
        let message = "something went wrong inside the server; nothing was changed";
        Self::new(Code::Internal, message).because_of(cause).next(NextStep::ReadServerLog)
    }
}

impl From<Arc<StoreError>> for Error {
    /// Of a failure that several wait for.
    fn from(error: Arc<StoreError>) -> Self {
        match &*error {
            StoreError::Altered(_) | StoreError::PutBack(_) => Self::altered(error),
            StoreError::WentBack { .. } => Self::forked(error),
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
                Self::new(Code::IdempotencyKeyUsed, message).next(NextStep::RepeatWithSameKey)
            }
            StoreError::InDoubt(_) => {
                let message = "the database went away while this was being committed: it is not known whether it was done";
                Self::new(Code::InDoubt, message).because_of(error).next(NextStep::LookBeforeRepeating)
            }
            StoreError::AddressTaken => {
                Self::new(Code::AlreadyExists, "another account has this mail address, but for upper and lower case")
                    .at("/email")
                    .next(NextStep::ChooseAnotherAddress)
            }
            StoreError::Altered(_) | StoreError::PutBack(_) => Self::altered(error),
            StoreError::WentBack { .. } => Self::forked(error),
            StoreError::Exists => Self::new(Code::AlreadyExists, "there is one already").next(NextStep::ChooseAnotherName),
            _ if error.is_full() => Self::full(error),
            _ if error.is_outage() => Self::unavailable(error),
            _ => Self::internal(error),
        }
    }
}

impl From<FilesError> for Error {
    fn from(error: FilesError) -> Self {
        match &error {
            FilesError::TooLarge(_) => Self::new(Code::FileTooLarge, error.to_string()),
            FilesError::BrokenOff(_) => {
                Self::new(Code::UploadBrokenOff, format!("{error}; nothing was kept")).next(NextStep::SendAgain)
            }
            _ if is_full(&error) => {
                let message = "the storage for model files is full; nothing was kept";
                Self::new(Code::StorageFull, message).because_of(error).next(NextStep::MakeRoom)
            }
            _ => {
                let message = "the storage for model files does not answer";
                Self::new(Code::Unavailable, message).because_of(error).next(NextStep::TryAgain)
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
