//! Names that people type for projects, models, users and slots. Each type says what its names may contain.

use crate::text::is_blank;
use serde::{Deserialize, Deserializer, Serialize};
use std::{fmt, str::FromStr};

/// The name in an address: of a user, group, project, model, infrastructure or service.
///
/// 1 to 63 lower-case letters, digits, `-`, `_` or `.`, beginning with a letter or digit.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Name(String);

/// The name of a step of a workflow: 1 to 63 lower-case letters, digits, `-`, `_` or `.`, beginning with a letter or digit.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct StepName(String);

/// The name of a feedback slot, as people read it: "Risk & Compliance". 1 to 80 characters of one line, no `=`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct SlotName(String);

/// A name for people: 1 to 200 characters of one line.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct DisplayName(String);

/// `PROJECT/MODEL:VERSION`, the way a version is named everywhere.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VersionRef {
    /// The project's name.
    pub project: Name,
    /// The model's name.
    pub model: Name,
    /// The version's number, from 1.
    pub number: u32,
}

/// A sign-off of a version, by its step. Without a step it is the sign-off of `review`, the step of the standard workflow.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SignOffRef {
    /// The version.
    pub version: VersionRef,
    /// The step that carries the sign-off.
    pub step: Option<StepName>,
}

/// Why a text is not the name it should be.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum NameError {
    /// Not a [`Name`].
    #[error("`{0}` is not a name: use 1 to 63 lower-case letters, digits, `-`, `_` or `.`, beginning with a letter or digit")]
    Name(String),
    /// Not a [`StepName`].
    #[error(
        "`{0}` is not the name of a step: use 1 to 63 lower-case letters, digits, `-`, `_` or `.`, beginning with a letter or digit"
    )]
    Step(String),
    /// Not a [`SlotName`].
    #[error("`{0}` is not a slot name: use 1 to 80 characters on one line, without `=`")]
    Slot(String),
    /// Not a [`DisplayName`].
    #[error("`{0}` is not a display name: use 1 to 200 characters on one line")]
    Display(String),
    /// A [`SlotName`] or a [`DisplayName`] with a character that nobody sees.
    #[error(
        "`{text}` is not {what}: it contains U+{code:04X}, a character that nobody sees and that can change how the name reads; leave out the character"
    )]
    Hidden {
        /// What the text should be.
        what: &'static str,
        /// The text.
        text: String,
        /// The code point of the first such character.
        code: u32,
    },
    /// Not a [`VersionRef`].
    #[error("`{0}` is not a version: write PROJECT/MODEL:VERSION, like diagnosis/tumour:1")]
    Version(String),
}

/// What can stand in an address as it is.
fn is_plain_name(text: &str) -> bool {
    let good = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    text.len() <= 63 && text.bytes().next().is_some_and(good) && text.bytes().all(|byte| good(byte) || b"-_.".contains(&byte))
}

/// Whether a character could move a cursor, turn the reading direction, or stand in a text unseen.
fn is_hidden(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// A text on one line, with nothing hidden in it.
pub(crate) fn is_plain_line(text: &str, most: usize) -> bool {
    !is_blank(text) && text.trim() == text && text.chars().count() <= most && !text.chars().any(is_hidden)
}

/// The error of a text for people: names the hidden character in it, where there is one beside the ends of lines.
fn refused(text: &str, what: &'static str, otherwise: fn(String) -> NameError) -> NameError {
    match text.chars().find(|c| is_hidden(*c) && !matches!(c, '\n' | '\r' | '\u{2028}' | '\u{2029}')) {
        Some(hidden) => NameError::Hidden { what, text: excerpt(text), code: hidden.into() },
        None => otherwise(excerpt(text)),
    }
}

/// How much of a wrong text an error repeats.
fn excerpt(text: &str) -> String {
    text.chars().take(100).flat_map(char::escape_debug).collect()
}

impl FromStr for Name {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if is_plain_name(text) { Ok(Self(text.to_owned())) } else { Err(NameError::Name(excerpt(text))) }
    }
}

impl FromStr for StepName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if is_plain_name(text) { Ok(Self(text.to_owned())) } else { Err(NameError::Step(excerpt(text))) }
    }
}

impl FromStr for SlotName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if is_plain_line(text, 80) && !text.contains('=') {
            Ok(Self(text.to_owned()))
        } else {
            Err(refused(text, "a slot name", NameError::Slot))
        }
    }
}

impl FromStr for DisplayName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if is_plain_line(text, 200) {
            Ok(Self(text.to_owned()))
        } else {
            Err(refused(text, "a display name", NameError::Display))
        }
    }
}

macro_rules! text {
    ($($name:ident)*) => {$(
        impl $name {
            /// The text itself.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                crate::parsed::parsed(deserializer)
            }
        }
    )*};
}
text! { Name StepName SlotName DisplayName }

impl fmt::Display for VersionRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}:{}", self.project, self.model, self.number)
    }
}

impl fmt::Display for SignOffRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.step {
            Some(step) => write!(f, "{} of {}", step, self.version),
            None => self.version.fmt(f),
        }
    }
}

impl From<VersionRef> for SignOffRef {
    fn from(version: VersionRef) -> Self {
        Self { version, step: None }
    }
}

impl fmt::Debug for VersionRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for VersionRef {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || NameError::Version(excerpt(text));
        let (project, rest) = text.split_once('/').ok_or_else(wrong)?;
        let (model, number) = rest.split_once(':').ok_or_else(wrong)?;
        let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) && !number.starts_with('0');
        Ok(Self {
            project: project.parse().map_err(|_| wrong())?,
            model: model.parse().map_err(|_| wrong())?,
            number: number.parse().ok().filter(|_| digits).ok_or_else(wrong)?,
        })
    }
}

impl Serialize for VersionRef {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for VersionRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::parsed::parsed(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_reads_back_and_nothing_looser_does() {
        let version: VersionRef = "diagnosis/tumour:12".parse().unwrap();
        assert_eq!(version.to_string(), "diagnosis/tumour:12");
        for bad in ["", "a", "a/b", "a/b:", "a/b:0", "a/b:01", "a/b:+1", "a/b:1x", "A/b:1", "/b:1", "a/:1", "a/b:99999999999"] {
            assert!(bad.parse::<VersionRef>().is_err(), "{bad}");
        }
    }

    #[test]
    fn names_hide_nothing() {
        assert!("Risk & Compliance".parse::<SlotName>().is_ok());
        for bad in
            ["", " ", "\u{ad}", "\u{3164}", "\u{2800}\u{2800}", "a=b", " a", "a\nb", "a\u{202e}b", "a\u{1b}[31m", &"x".repeat(81)]
        {
            assert!(bad.parse::<SlotName>().is_err(), "{bad:?}");
        }
        let said = |text: &str| text.parse::<DisplayName>().unwrap_err().to_string();
        assert_eq!(
            said("Finn\u{202e}al"),
            "`Finn\\u{202e}al` is not a display name: it contains U+202E, a character that nobody sees and that can change how the name reads; leave out the character"
        );
        assert!(said("a\tb").contains("U+0009"));
        assert!(said("a\nb").contains("on one line") && said("").contains("1 to 200 characters"));
        assert!("a\u{feff}b".parse::<SlotName>().unwrap_err().to_string().contains("not a slot name: it contains U+FEFF"));
        for bad in ["", "Upper", "a b", "-a", ".a", "é", "a/b", "a:b", &"x".repeat(64)] {
            assert!(bad.parse::<Name>().is_err(), "{bad:?}");
        }
    }
}
