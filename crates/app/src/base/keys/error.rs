//! Why a key cannot be used.

use std::path::PathBuf;
use store::StoreError;

/// A key that cannot be read or made, or is not the server's.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The file system said no.
    #[error("the key file {0} cannot be used: {1}")]
    Io(PathBuf, std::io::Error),
    /// The file holds no key.
    #[error("the key file {0} does not hold a P-256 private key in PKCS#8 PEM: {1}")]
    Key(PathBuf, proof::KeyError),
    /// The server has signed already, and its key is not there: a new one would not verify what was signed.
    #[error("the signing key is not in {0}, and this database belongs to a server that has one{1}")]
    Missing(PathBuf, String),
    /// The key is another one than the server's.
    #[error("the key in {file} is {found}, but this database belongs to the key {expected}")]
    Another {
        /// The file.
        file: PathBuf,
        /// The id of the key in it.
        found: String,
        /// The id of the key that signs for this database.
        expected: String,
    },
    /// The database has a log and does not say which key signs for it, and nothing shows that it is this one.
    #[error(
        "nothing shows that the key in {file} is the one that this database belongs to: the head of the log does not bear its seal"
    )]
    Unproven {
        /// The file.
        file: PathBuf,
    },
    /// The file holds no key of a log.
    #[error("the key file {0} does not hold the key of a log: {1}")]
    LogKey(PathBuf, proof::NoteError),
    /// The database does not say which key is its own.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The name of the server cannot name its log.
    #[error("the server's name cannot name a log: {0}")]
    Name(String),
}
