//! Compares the state that a caller saw with the present state.

use crate::{Error, error::Code};
use domain::NextStep;
use store::{Deployment, Round, Version};

/// Compares the tag that the caller saw with the present one.
pub(crate) fn expect(expected: Option<&str>, actual: &str, what: &str) -> Result<(), Error> {
    match expected {
        Some(expected) if expected != actual && expected != "*" => {
            Err(Error::stale(format!("{what} has changed since you looked")))
        }
        _ => Ok(()),
    }
}

/// The same, where the caller must say what it saw.
pub(crate) fn require(expected: Option<&str>, what: &str) -> Result<(), Error> {
    match expected {
        Some(_) => Ok(()),
        None => {
            Err(Error::new(Code::PreconditionRequired, format!("say which state of {what} you saw")).next(NextStep::SendIfMatch))
        }
    }
}

/// The tag of a version's present fields.
pub(crate) fn version(version: &Version) -> String {
    format!("v{}", version.revision)
}

/// The tag of a round's present state.
pub(crate) fn review(round: &Round) -> String {
    format!("r{}.{}", round.number, round.revision)
}

/// The tag of a deployment's present state.
pub(crate) fn deployment(deployment: &Deployment) -> String {
    format!("d{}", deployment.current_revision)
}
