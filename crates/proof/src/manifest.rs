//! The manifest lists every file of a version with its digest and size, in a canonical form. The SHA-256 of the manifest is the
//! model digest. The manifest leaves out no file, so any change of a name or a byte gives another model digest.

mod file_name;

pub use file_name::{FileName, FileNameError};

use crate::{
    canonical::{self, CanonicalError, MAX_INTEGER},
    sha256::Sha256,
};
use serde::{Deserialize, Serialize};

/// One file of a version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestEntry {
    /// Its name within the version.
    pub name: FileName,
    /// The digest of its bytes.
    pub sha256: Sha256,
    /// Its size in bytes.
    pub size: u64,
}

/// All files of a version, sorted by name. Made only by [`Manifest::new`] and [`Manifest::parse`], so it is always valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    entries: Vec<ManifestEntry>,
    bytes: Vec<u8>,
    total_size: u64,
}

/// Why files cannot be a version.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ManifestError {
    /// No file at all.
    #[error("a version needs at least one file: add the model's files")]
    Empty,
    /// The same name twice.
    #[error("the file `{0}` is listed twice: list it once")]
    Duplicate(FileName),
    /// Two names that are one on some file systems.
    #[error("the files `{0}` and `{1}` have the same name on systems that ignore case or spelling: rename one")]
    SameWhenFolded(FileName, FileName),
    /// A file where another file needs a folder.
    #[error("`{0}` is a file, and `{1}` needs a folder of that name: rename one")]
    FileAndFolder(FileName, FileName),
    /// The sizes add up to more than JSON readers can hold.
    #[error("the files have more than 9007199254740991 bytes together: leave files out")]
    TooManyBytes,
    /// The manifest itself is too long.
    #[error("the manifest would have {0} bytes, and may have {max}: put the files into fewer, larger ones", max = Manifest::MAX_BYTES)]
    TooLong(usize),
    /// Not the JSON of a manifest.
    #[error("not a manifest: {0}; it is a JSON array of objects with name, sha256 and size")]
    Syntax(String),
    /// Another spelling of a manifest than the canonical one.
    #[error("the manifest is not canonical JSON (RFC 8785) sorted by name: write it again, do not edit it")]
    NotCanonical,
    /// The entries have no canonical form.
    #[error(transparent)]
    Canonical(#[from] CanonicalError),
}

impl Manifest {
    /// The most bytes that a manifest may have: 64 MiB, some 400,000 files.
    pub const MAX_BYTES: usize = 64 << 20;

    /// The manifest of these files, in any order.
    ///
    /// # Errors
    /// When there is none, when two of them could not lie beside each other on every file system, or on too many.
    pub fn new(mut entries: Vec<ManifestEntry>) -> Result<Self, ManifestError> {
        if entries.is_empty() {
            return Err(ManifestError::Empty);
        }
        let total_size = entries
            .iter()
            .try_fold(0_u64, |total, entry| total.checked_add(entry.size))
            .filter(|total| *total <= MAX_INTEGER)
            .ok_or(ManifestError::TooManyBytes)?;
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        if let Some(clash) = Self::clashes(entries.iter().map(|entry| &entry.name)).into_iter().next() {
            return Err(clash);
        }
        let bytes = canonical::to_vec(&entries)?;
        if bytes.len() > Self::MAX_BYTES {
            return Err(ManifestError::TooLong(bytes.len()));
        }
        Ok(Self { entries, bytes, total_size })
    }

    /// Names that cannot lie beside each other, also on file systems that ignore case or Unicode spelling: each pair as the error that it is.
    pub fn clashes<'a>(names: impl Iterator<Item = &'a FileName>) -> Vec<ManifestError> {
        // With the separator as the lowest of all characters, whatever lies in a folder sorts directly after the folder's name:
        // looking at neighbours finds every clash, however many files and levels there are.
        let mut folded: Vec<(String, &FileName)> = names.map(|name| (name.folded().replace('/', "\0"), name)).collect();
        folded.sort();
        let clash = |pair: &[(String, &FileName)]| {
            let ((first_folded, first), (second_folded, second)) = (&pair[0], &pair[1]);
            let (name, other) = ((*first).clone(), (*second).clone());
            match second_folded.strip_prefix(first_folded.as_str()) {
                _ if first == second => Some(ManifestError::Duplicate(name)),
                Some("") => Some(ManifestError::SameWhenFolded(name, other)),
                Some(rest) if rest.starts_with('\0') => Some(ManifestError::FileAndFolder(name, other)),
                _ => None,
            }
        };
        folded.windows(2).filter_map(clash).collect()
    }

    /// Reads the bytes of a manifest, and accepts only those that it would write itself.
    ///
    /// # Errors
    /// When the bytes are not a manifest, or any other form of it than the canonical one.
    pub fn parse(bytes: &[u8]) -> Result<Self, ManifestError> {
        if bytes.len() > Self::MAX_BYTES {
            return Err(ManifestError::TooLong(bytes.len()));
        }
        let entries = serde_json::from_slice(bytes).map_err(|error| ManifestError::Syntax(error.to_string()))?;
        let manifest = Self::new(entries)?;
        if manifest.bytes == bytes { Ok(manifest) } else { Err(ManifestError::NotCanonical) }
    }

    /// The files, sorted by the bytes of their names.
    pub fn entries(&self) -> &[ManifestEntry] {
        &self.entries
    }

    /// The bytes of `manifest.json`: a canonical JSON (RFC 8785) array of `{name, sha256, size}`.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.bytes.clone()
    }

    /// What approvals and permits bind: the digest of [`Manifest::to_bytes`].
    pub fn model_digest(&self) -> Sha256 {
        Sha256::of(&self.bytes)
    }

    /// The bytes of all files together.
    pub const fn total_size(&self) -> u64 {
        self.total_size
    }
}

#[cfg(test)]
mod tests;
