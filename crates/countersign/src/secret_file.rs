//! Reads files that hold a secret: a token, a password, an invitation code.

use crate::failure::Failure;
use std::{
    fs,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

/// Reads a file that holds one secret on one line.
///
/// # Errors
/// When it cannot be read or holds nothing.
pub fn read_secret(file: &Path, what: &str) -> Result<String, Failure> {
    let text = fs::read_to_string(file)
        .map_err(|error| Failure::usage(format!("{what}: {} cannot be read: {error}", file.display())))?;
    match text.trim() {
        "" => Err(Failure::usage(format!("{what}: {} is empty", file.display()))),
        secret => Ok(secret.to_owned()),
    }
}

/// Writes a file that only its owner can read, in the place of what was there.
///
/// # Errors
/// When it cannot be written; what was there stays.
pub fn write_private(file: &Path, text: &str) -> io::Result<()> {
    let mut draft = file.as_os_str().to_owned();
    draft.push(format!(".draft-{}", std::process::id()));
    let draft = PathBuf::from(draft);
    let written = (|| {
        let mut open = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
        open.write_all(text.as_bytes())?;
        open.sync_all()?;
        fs::rename(&draft, file)
    })();
    if written.is_err() {
        // The draft holds a secret; that it cannot be removed either is not worth hiding the first error for.
        let _ = fs::remove_file(&draft);
    }
    written
}
