//! The name of a file within a version. A name has one spelling and one place on every file system.
//! A name that another program could read as another file is an error.

use caseless::Caseless as _;
use serde::{Deserialize, Serialize};
use std::fmt;
use unicode_normalization::{UnicodeNormalization as _, is_nfc};

/// The name of a file within a version: a relative path with `/` between its segments, in Unicode NFC.
/// Sorts by its bytes, which for UTF-8 is also the order of its characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FileName(String);

/// Why a name is refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum FileNameError {
    /// No characters at all.
    #[error("a file name is empty: give the file a name")]
    Empty,
    /// Longer than [`FileName::MAX_BYTES`].
    #[error("a file name has {0} bytes, and may have 1024: shorten it or its folders")]
    TooLong(usize),
    /// Begins with `/`.
    #[error("`{0}` is absolute: name files relative to the version's folder")]
    Absolute(String),
    /// A backslash.
    #[error("`{0}` contains a backslash: separate folders with `/`")]
    Backslash(String),
    /// A control character.
    #[error("`{0}` contains a control character: rename the file")]
    ControlCharacter(String),
    /// A character that nobody sees.
    #[error("`{0}` contains a character that nobody sees: rename the file")]
    Invisible(String),
    /// Another Unicode form than NFC.
    #[error("`{0}` is not in Unicode normal form C: rename the file, or upload it from a system that writes NFC")]
    NotNfc(String),
    /// Two `/` in a row, or one at the end.
    #[error("`{0}` has an empty segment: write one `/` between folders and none at the end")]
    EmptySegment(String),
    /// A segment `.`.
    #[error("`{0}` has a segment `.`: leave it out")]
    CurrentFolder(String),
    /// A segment `..`.
    #[error("`{0}` has a segment `..`: name only files inside the version's folder")]
    ParentFolder(String),
    /// A segment longer than [`FileName::MAX_SEGMENT_BYTES`].
    #[error("`{0}` has a segment of more than 255 bytes, which many file systems cannot hold: shorten it")]
    SegmentTooLong(String),
}

impl FileName {
    /// The most bytes of a name.
    pub const MAX_BYTES: usize = 1024;
    /// The most bytes between two `/`.
    pub const MAX_SEGMENT_BYTES: usize = 255;

    /// Accepts a name as it is.
    ///
    /// # Errors
    /// When it is not a name that means the same everywhere; each [`FileNameError`] says what to do.
    pub fn parse(name: &str) -> Result<Self, FileNameError> {
        use FileNameError as Refused;
        if name.is_empty() {
            return Err(Refused::Empty);
        }
        if name.len() > Self::MAX_BYTES {
            return Err(Refused::TooLong(name.len()));
        }
        // What is shown must not carry what was refused into a terminal.
        let shown = || name.escape_debug().to_string();
        if name.chars().any(char::is_control) {
            return Err(Refused::ControlCharacter(shown()));
        }
        if name.chars().any(is_invisible) {
            return Err(Refused::Invisible(shown()));
        }
        if name.contains('\\') {
            return Err(Refused::Backslash(name.to_owned()));
        }
        if name.starts_with('/') {
            return Err(Refused::Absolute(shown()));
        }
        if !is_nfc(name) {
            return Err(Refused::NotNfc(shown()));
        }
        for segment in name.split('/') {
            match segment {
                "" => return Err(Refused::EmptySegment(shown())),
                "." => return Err(Refused::CurrentFolder(shown())),
                ".." => return Err(Refused::ParentFolder(shown())),
                _ if segment.len() > Self::MAX_SEGMENT_BYTES => return Err(Refused::SegmentTooLong(shown())),
                _ => {}
            }
        }
        Ok(Self(name.to_owned()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same for all names that some file system takes for one: the compatibility caseless form of the Unicode
    /// Standard (section 3.13, D146), which is full case folding and NFKC.
    pub(super) fn folded(&self) -> String {
        self.0.chars().nfd().default_case_fold().nfkd().default_case_fold().nfkc().collect()
    }
}

/// A character that leaves nothing on the page, so that two names would read alike: marks of direction, line separators, and what Unicode
/// calls default ignorable (`DerivedCoreProperties.txt`).
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl AsRef<str> for FileName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for FileName {
    type Error = FileNameError;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        Self::parse(&name)
    }
}

impl From<FileName> for String {
    fn from(name: FileName) -> Self {
        name.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_that_mean_the_same_everywhere_are_kept_as_they_are() {
        for name in ["model.onnx", ".hidden", "...", "a/b/c", "é", "日本/モデル.onnx", "a b", "-", "C:", "\u{1f600}"] {
            assert_eq!(FileName::parse(name).unwrap().as_str(), name);
        }
    }

    #[test]
    fn each_wrong_name_has_its_own_reason() {
        use FileNameError as Refused;
        let long = "x".repeat(256);
        for (name, reason) in [
            ("", Refused::Empty),
            ("/etc/passwd", Refused::Absolute("/etc/passwd".into())),
            ("a\\b", Refused::Backslash("a\\b".into())),
            ("a\nb", Refused::ControlCharacter("a\\nb".into())),
            ("a\0", Refused::ControlCharacter("a\\0".into())),
            ("a\u{9b}", Refused::ControlCharacter("a\\u{9b}".into())),
            ("e\u{301}", Refused::NotNfc("e\u{301}".into())),
            ("a//b", Refused::EmptySegment("a//b".into())),
            ("a/", Refused::EmptySegment("a/".into())),
            ("./a", Refused::CurrentFolder("./a".into())),
            ("a/../../b", Refused::ParentFolder("a/../../b".into())),
            ("..", Refused::ParentFolder("..".into())),
            (&long, Refused::SegmentTooLong(long.clone())),
            (&"a/".repeat(513), Refused::TooLong(1026)),
        ] {
            assert_eq!(FileName::parse(name), Err(reason));
        }
        assert!(FileName::parse(&long[1..]).is_ok());
        assert!(FileName::parse(&format!("{}aa", "a/".repeat(511))).is_ok());
    }

    proptest! {
        #[test]
        fn an_accepted_name_stays_inside_its_folder(name in "[a./\\\\\u{0}-\u{1f}é]{0,12}") {
            if let Ok(name) = FileName::parse(&name) {
                let path = std::path::Path::new(name.as_str());
                prop_assert!(path.components().all(|part| matches!(part, std::path::Component::Normal(_))));
                prop_assert_eq!(path.components().count(), name.as_str().split('/').count());
            }
        }
    }
}
