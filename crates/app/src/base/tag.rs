//! The entity tags: each names a state of a thing that can change. A request says by a tag which state its sender saw, and a use case
//! compares the tag with the present one.

use crate::{Error, error::Code};
use domain::{NextStep, StepName};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr};
use store::{Deployment, Infrastructure, Project, Round, Version};

/// The entity tag of a state. Its text has no quotes: `p3`, `r1.4`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tag {
    /// The rules and reviewers of a project, by the number of their changes: `p3`.
    Project(u64),
    /// The policy of an infrastructure, by the number of its changes: `i2`.
    Infrastructure(u64),
    /// The fields of a version, by the number of their changes: `v1`.
    Version(u64),
    /// A round of a sign-off: `r1.4`, and `r1.4.technical-review` on another step than the standard one.
    Review {
        /// The step that carries the sign-off.
        step: StepName,
        /// The round's number.
        round: u32,
        /// The number of changes of the round.
        revision: u64,
    },
    /// A deployment, by the number of the revision in force: `d7`. `d0` says that the service has no revision yet.
    Deployment(u32),
}

/// The text is no entity tag.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("this is not an entity tag: send the tag as the server gave it, like r1.4")]
pub struct NotATag;

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Project(revision) => write!(f, "p{revision}"),
            Self::Infrastructure(revision) => write!(f, "i{revision}"),
            Self::Version(revision) => write!(f, "v{revision}"),
            Self::Review { step, round, revision } if step.is_standard() => write!(f, "r{round}.{revision}"),
            Self::Review { step, round, revision } => write!(f, "r{round}.{revision}.{step}"),
            Self::Deployment(revision) => write!(f, "d{revision}"),
        }
    }
}

impl FromStr for Tag {
    type Err = NotATag;

    fn from_str(text: &str) -> Result<Self, NotATag> {
        // A state has one text: `p03`, `p+3` and `r1.4.review` are no tags, though their parts can be read.
        read(text).filter(|tag| tag.to_string() == text).ok_or(NotATag)
    }
}

/// Reads the parts of a tag.
fn read(text: &str) -> Option<Tag> {
    let mut characters = text.chars();
    let (kind, rest) = (characters.next()?, characters.as_str());
    match kind {
        'p' => rest.parse().ok().map(Tag::Project),
        'i' => rest.parse().ok().map(Tag::Infrastructure),
        'v' => rest.parse().ok().map(Tag::Version),
        'd' => rest.parse().ok().map(Tag::Deployment),
        'r' => {
            // The step comes last: its name may have dots too.
            let mut parts = rest.splitn(3, '.');
            let (round, revision) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
            let step = parts.next().map_or_else(|| Some(StepName::standard()), |step| step.parse().ok())?;
            Some(Tag::Review { step, round, revision })
        }
        _ => None,
    }
}

impl Serialize for Tag {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Tag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl From<&Project> for Tag {
    fn from(project: &Project) -> Self {
        Self::Project(project.revision)
    }
}

impl From<&Infrastructure> for Tag {
    fn from(infrastructure: &Infrastructure) -> Self {
        Self::Infrastructure(infrastructure.revision)
    }
}

impl From<&Version> for Tag {
    fn from(version: &Version) -> Self {
        Self::Version(version.revision)
    }
}

impl From<&Round> for Tag {
    fn from(round: &Round) -> Self {
        Self::Review { step: round.step.clone(), round: round.number, revision: round.revision }
    }
}

impl From<Option<&Deployment>> for Tag {
    fn from(deployment: Option<&Deployment>) -> Self {
        Self::Deployment(deployment.map_or(0, |deployment| deployment.current_revision))
    }
}

/// Whether the caller saw another state than the present one.
pub(crate) fn is_stale(expected: Option<&str>, actual: &Tag) -> bool {
    expected.is_some_and(|expected| expected.parse().as_ref() != Ok(actual))
}

/// Compares the tag that the caller saw with the present one.
pub(crate) fn expect(expected: Option<&str>, actual: &Tag, what: &str) -> Result<(), Error> {
    if is_stale(expected, actual) { Err(Error::stale(format!("{what} has changed since you looked"))) } else { Ok(()) }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn review(step: &str) -> Tag {
        Tag::Review { step: step.parse().unwrap(), round: 1, revision: 4 }
    }

    #[test]
    fn a_tag_is_read_as_it_is_written() {
        for (tag, text) in [
            (Tag::Project(3), "p3"),
            (Tag::Infrastructure(2), "i2"),
            (Tag::Version(u64::MAX), "v18446744073709551615"),
            (review("review"), "r1.4"),
            (review("technical-review"), "r1.4.technical-review"),
            (review("2.1"), "r1.4.2.1"),
            (Tag::Deployment(0), "d0"),
        ] {
            assert_eq!(tag.to_string(), text);
            assert_eq!(text.parse(), Ok(tag.clone()));
            assert_eq!(serde_json::from_value::<Tag>(serde_json::to_value(&tag).unwrap()).unwrap(), tag);
        }
    }

    #[test]
    fn no_other_text_is_a_tag() {
        for text in [
            "",
            "*",
            "p",
            "3",
            "x3",
            "P3",
            "p-1",
            "p+3",
            "p03",
            " p3",
            "p3 ",
            "p3.1",
            "\"p3\"",
            "v18446744073709551616",
            "d4294967296",
            "r",
            "r1",
            "r1.",
            "r.4",
            "r1.4.",
            "r1.04",
            "r1.4.review",
            "r1.4.Legal",
            "é3",
        ] {
            assert_eq!(text.parse::<Tag>(), Err(NotATag), "{text}");
        }
    }

    #[test]
    fn only_the_tag_of_the_present_state_is_not_stale() {
        for expected in [None, Some("r1.4")] {
            assert!(!is_stale(expected, &review("review")), "{expected:?}");
        }
        for expected in ["", "*", "nonsense", "p4", "r1.3", "r2.4", "r1.4.technical-review"] {
            assert!(is_stale(Some(expected), &review("review")), "{expected}");
        }
    }
}
