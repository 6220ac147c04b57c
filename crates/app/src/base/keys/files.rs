//! Key files: read, and written whole or not at all.

use super::error::KeysError;
use crate::Entropy;
use proof::SigningKey;
use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

/// Where a server keeps its keys and the last checkpoint that it saw.
#[derive(Clone, Debug)]
pub struct KeyFiles {
    /// The P-256 key that statements are signed with.
    pub signing: PathBuf,
    /// The Ed25519 key that the log is signed with; only on the server that signs the log.
    pub log: PathBuf,
    /// The last checkpoint, outside of the database, so that a restored copy of the database is noticed.
    pub checkpoint: PathBuf,
}

pub(super) fn read_signing(file: &Path) -> Result<Option<SigningKey>, KeysError> {
    let Some(pem) = read(file)? else { return Ok(None) };
    SigningKey::from_pkcs8_pem(&pem).map(Some).map_err(|error| KeysError::Key(file.to_owned(), error))
}

pub(super) fn create_signing(file: &Path, entropy: &dyn Entropy) -> Result<SigningKey, KeysError> {
    // One chance in 2^32 that 32 random bytes are no key: draw again then.
    let key = loop {
        if let Ok(key) = SigningKey::from_entropy(entropy.bytes()) {
            break key;
        }
    };
    write_secret(file, &key.to_pkcs8_pem()).map_err(|error| KeysError::Io(file.to_owned(), error))?;
    Ok(key)
}

/// The text of a file; none where there is no file.
pub(super) fn read(file: &Path) -> Result<Option<String>, KeysError> {
    match fs::read_to_string(file) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(KeysError::Io(file.to_owned(), error)),
    }
}

/// Writes a file that only its owner can read, whole or not at all, and never over an existing one.
pub(super) fn write_secret(path: &Path, content: &str) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let draft = path.with_extension(format!("draft-{}", std::process::id()));
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    file.write_all(content.as_bytes())?;
    file.sync_all()?;
    let linked = fs::hard_link(&draft, path);
    fs::remove_file(&draft)?;
    linked?;
    sync_folder(path)
}

/// The name of a file is on disk only when its folder is.
pub(super) fn sync_folder(path: &Path) -> std::io::Result<()> {
    fs::File::open(path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")))?.sync_all()
}
