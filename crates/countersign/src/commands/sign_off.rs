//! The sign-off that a command is about.

use crate::client::{Call, Session, paths};
use domain::{SignOffRef, StepName, VersionRef};
use serde::Serialize;

/// A version, and the step whose sign-off is meant.
#[derive(Debug, Clone, clap::Args)]
pub struct SignOff {
    /// The version, as PROJECT/MODEL:VERSION
    pub version: VersionRef,
    /// The step of the workflow that carries the sign-off [default: review]
    #[arg(long)]
    step: Option<StepName>,
}

impl SignOff {
    /// How this sign-off is named: by the version, and the step where that is another than the usual one.
    pub fn name(&self) -> SignOffRef {
        SignOffRef { version: self.version.clone(), step: self.step.clone().filter(|step| !step.is_standard()) }
    }

    /// `GET` of the review, or of what lies below the review.
    pub fn get<'a>(&self, session: &'a Session, rest: &[&str]) -> Call<'a> {
        self.of(session.client.get(&self.path(rest)))
    }

    /// `POST` of this body below the review.
    pub fn post<'a>(&self, session: &'a Session, what: &str, body: &impl Serialize) -> Call<'a> {
        self.of(session.client.post(&self.path(&[what]), body))
    }

    /// `PUT` of this body below the review.
    pub fn put<'a>(&self, session: &'a Session, what: &str, body: &impl Serialize) -> Call<'a> {
        self.of(session.client.put(&self.path(&[what]), body))
    }

    /// `DELETE` below the review.
    pub fn delete<'a>(&self, session: &'a Session, what: &str) -> Call<'a> {
        self.of(session.client.delete(&self.path(&[what])))
    }

    fn path(&self, rest: &[&str]) -> paths::Path {
        paths::review(&self.version, rest)
    }

    fn of<'a>(&self, call: Call<'a>) -> Call<'a> {
        call.query("step", self.step.as_ref())
    }
}
