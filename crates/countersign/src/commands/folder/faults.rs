//! What cannot be part of a version: everything in a folder, with what helps against each kind.

use super::shown;
use crate::failure::Failure;
use proof::{FileNameError, ManifestError};
use std::{collections::BTreeSet, io, path::Path};

/// Why something cannot be part of a version.
pub(super) enum Fault {
    /// It cannot be read.
    Unreadable(io::Error),
    /// A symbolic link.
    Link,
    /// A symbolic link that leads nowhere.
    BrokenLink,
    /// A link to a folder in which it lies.
    Loop,
    /// A socket, a pipe or a device.
    NotAFile,
    /// A name in another encoding.
    NotUtf8,
    /// A name that is refused.
    Name(FileNameError),
    /// Two names that clash.
    Clash(ManifestError),
}

impl Fault {
    /// The sentence, about a path as it is shown.
    fn words(&self, path: &str) -> String {
        match self {
            Self::Unreadable(error) => format!("{path} cannot be read: {error}"),
            Self::Link => format!("{path} is a symbolic link, and a version has only files of its own"),
            Self::BrokenLink => format!("{path} is a symbolic link that leads nowhere"),
            Self::Loop => format!("{path} is a symbolic link to a folder in which it lies"),
            Self::NotAFile => format!("{path} is neither a file nor a folder"),
            Self::NotUtf8 => format!("the name of {path} is not UTF-8: rename the file"),
            Self::Name(error) => error.to_string(),
            Self::Clash(error) => error.to_string(),
        }
    }

    /// What helps, for a folder as it is shown.
    fn help(&self, folder: &str) -> Option<String> {
        match self {
            Self::Link => Some(format!(
                "Take what the links lead to with --follow-links, or copy the folder without links: cp -rL '{folder}' COPY."
            )),
            Self::BrokenLink | Self::Loop => Some("Remove the link, or leave it out with --exclude.".to_owned()),
            Self::NotAFile => {
                Some("Sockets, pipes and devices cannot be part of a version: leave them out with --exclude.".to_owned())
            }
            Self::NotUtf8 => Some(format!("Rename such files at once: convmv -f latin1 -t utf8 -r --notest '{folder}'.")),
            Self::Name(FileNameError::NotNfc(_)) => {
                Some(format!("Rename such files at once: convmv -f utf8 -t utf8 --nfc -r --notest '{folder}'."))
            }
            Self::Unreadable(_) | Self::Name(_) | Self::Clash(_) => None,
        }
    }
}

/// All of them.
#[derive(Default)]
pub(super) struct Faults {
    sentences: Vec<String>,
    helps: Vec<Fault>,
}

impl Faults {
    pub(super) fn add(&mut self, path: &Path, fault: Fault) {
        self.sentences.push(fault.words(&shown(path)));
        self.helps.push(fault);
    }

    /// That there is none.
    ///
    /// # Errors
    /// All of them as one failure.
    pub(super) fn none(mut self, folder: &Path) -> Result<(), Failure> {
        let helps: BTreeSet<_> = self.helps.iter().filter_map(|fault| fault.help(&shown(folder))).collect();
        self.sentences.sort();
        let failure = match self.sentences.len() {
            0 => return Ok(()),
            1 => Failure::usage(self.sentences.remove(0)),
            count => {
                Failure::usage(format!("{count} things in {} cannot be part of a version", shown(folder))).because(self.sentences)
            }
        };
        Err(if helps.is_empty() { failure } else { failure.hint(Vec::from_iter(helps).join(" ")) })
    }
}
