//! One file as it was found, which must stay as it was until the version is registered.

use super::{cannot_read, shown};
use crate::failure::Failure;
use proof::{FileName, Hasher, Manifest, ManifestEntry, Sha256};
use std::{
    fs::{self, File, Metadata},
    io::Read,
    os::unix::fs::MetadataExt,
    path::PathBuf,
};

/// One file as it was found.
#[derive(Clone, Debug)]
pub struct LocalFile {
    /// Its name within the version.
    pub name: FileName,
    /// Where it is.
    pub path: PathBuf,
    /// Its bytes.
    pub size: u64,
    identity: Identity,
}

/// What changes when somebody puts another file in the place of this one, or writes to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Identity {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
}

impl Identity {
    fn of(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
        }
    }
}

impl LocalFile {
    /// The file of this name that was found at this path, and what was found there.
    pub(super) fn found(name: FileName, path: PathBuf, metadata: &Metadata) -> Self {
        Self { name, path, size: metadata.len(), identity: Identity::of(metadata) }
    }

    /// Opens it, if it is still the file that was found.
    ///
    /// # Errors
    /// When it is gone or another.
    pub fn open(&self) -> Result<File, Failure> {
        let file = File::open(&self.path).map_err(|error| cannot_read(&self.path, &error))?;
        let now = file.metadata().map_err(|error| cannot_read(&self.path, &error))?;
        if Identity::of(&now) == self.identity { Ok(file) } else { Err(self.changed()) }
    }

    /// Whether it is no longer as it was found.
    pub fn has_changed(&self) -> bool {
        fs::metadata(&self.path).map_or(true, |now| Identity::of(&now) != self.identity)
    }

    /// The failure that this is.
    pub fn changed(&self) -> Failure {
        Failure::failed(format!("{} changed while it was being read; nothing was registered", shown(&self.path)))
            .hint("Wait until nobody writes to it, then try again.")
    }

    /// The digest of its content; `progress` hears of every piece.
    ///
    /// # Errors
    /// When it cannot be read, or changes meanwhile.
    pub fn hash(&self, progress: impl Fn(u64)) -> Result<Sha256, Failure> {
        let mut file = self.open()?;
        let mut hasher = Hasher::new();
        let mut buffer = vec![0; 1 << 20];
        let mut total = 0;
        loop {
            match file.read(&mut buffer).map_err(|error| cannot_read(&self.path, &error))? {
                0 => break,
                count => {
                    hasher.update(&buffer[..count]);
                    total += count as u64;
                    progress(count as u64);
                }
            }
        }
        if total == self.size && !self.has_changed() { Ok(hasher.finish()) } else { Err(self.changed()) }
    }
}

/// The manifest of these files.
///
/// # Errors
/// No file, or names that could not lie beside each other everywhere.
pub fn manifest<'a>(files: impl Iterator<Item = (&'a LocalFile, Sha256)>) -> Result<Manifest, Failure> {
    let entries = files.map(|(file, sha256)| ManifestEntry { name: file.name.clone(), sha256, size: file.size });
    Manifest::new(entries.collect()).map_err(|error| Failure::usage(error.to_string()))
}
