//! The file of an SQLite database, as it was when it was opened. A connection goes on with a file that somebody removed or replaced:
//! it would answer from what is gone, and commit into what nobody finds again.

use crate::StoreError;
use std::{fs, os::unix::fs::MetadataExt, path::PathBuf};

/// A file by its path, and by what the file system knows it by.
#[derive(Clone, Debug)]
pub(crate) struct DatabaseFile {
    path: PathBuf,
    device: u64,
    inode: u64,
}

impl DatabaseFile {
    /// The file that stands at this path now.
    pub fn at(path: PathBuf) -> Result<Self, StoreError> {
        let found = fs::metadata(&path);
        let found = found.map_err(|error| StoreError::Io("the database file cannot be looked at".to_owned(), error))?;
        Ok(Self { device: found.dev(), inode: found.ino(), path })
    }

    /// Checks that the path still leads to this file.
    ///
    /// # Errors
    /// The file is gone, or another one stands in its place.
    pub fn check(&self) -> Result<(), StoreError> {
        match fs::metadata(&self.path) {
            Ok(found) if (found.dev(), found.ino()) == (self.device, self.inode) => Ok(()),
            _ => Err(StoreError::Replaced(self.path.clone())),
        }
    }
}
