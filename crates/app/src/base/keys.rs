//! The server's keys: P-256 for statements, Ed25519 for the log. The server makes them at its first start, or reads a file.

use crate::{
    Clock, Entropy,
    base::{
        credentials::CredentialKeys,
        signed_checkpoint::{self, NotReadable, Signed},
    },
};
use proof::{LogKey, PublicKey, Sha256, SigningKey, TrustedServer};
use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};
use store::{SealKey, Store, StoreError};

/// The keys of a server, and the file that remembers the largest log it ever signed.
pub struct Keys {
    /// Signs approvals and permits.
    pub signing: SigningKey,
    /// Signs checkpoints of the log.
    pub log: LogKey,
    /// Under which credentials are stored.
    pub credentials: CredentialKeys,
    /// Holds the last signed checkpoint. Outside of the database, so that a restored copy of it is noticed.
    pub checkpoint_file: PathBuf,
}

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
    /// The database does not say which key is its own.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The name of the server cannot name its log.
    #[error("the server's name cannot name a log: {0}")]
    Name(String),
}

impl Keys {
    /// Reads the key from `file`. At the first start, when nothing was recorded yet, it is made there from `entropy` unless it
    /// was put there before; from then on the database names it, and no other key is taken: one that was lost must be put
    /// back. A database that has a log and names no key takes the one that its log is sealed with. The key of the log is derived from it, so that one file is all that has to be kept safe.
    ///
    /// # Errors
    /// When the file cannot be read or written, is gone after the first start, holds no key, or holds a key that nothing shows
    /// to be the database's.
    pub async fn open(
        store: &Store,
        file: &Path,
        checkpoint_file: PathBuf,
        server_name: &str,
        clock: &dyn Clock,
        entropy: &dyn Entropy,
    ) -> Result<Self, KeysError> {
        let named = |signing| Self::from_signing_key(signing, checkpoint_file, server_name);
        match store.read().await?.server_key().await? {
            Some(expected) => {
                let keys = named(checked(file, read(file)?, expected)?)?;
                store.seal_with(SealKey::derive(&keys.signing));
                Ok(keys)
            }
            None => first(store, file, named, clock, entropy).await,
        }
    }

    /// Reads the keys of a server that was started before, and gives the store its key. Makes nothing.
    ///
    /// # Errors
    /// When the key is not there, or is not the one of this database.
    pub async fn existing(store: &Store, file: &Path, checkpoint_file: PathBuf, server_name: &str) -> Result<Self, KeysError> {
        let key = match store.read().await?.server_key().await? {
            Some(expected) => checked(file, read(file)?, expected)?,
            None => read(file)?.ok_or_else(|| KeysError::Missing(file.to_owned(), String::new()))?,
        };
        let keys = Self::from_signing_key(key, checkpoint_file, server_name)?;
        store.seal_with(SealKey::derive(&keys.signing));
        Ok(keys)
    }

    /// The keys of a server whose signing key is known.
    ///
    /// # Errors
    /// When the name cannot name a log.
    pub fn from_signing_key(signing: SigningKey, checkpoint_file: PathBuf, server_name: &str) -> Result<Self, KeysError> {
        let mut seed = b"countersign log key v1\n".to_vec();
        seed.extend_from_slice(signing.to_pkcs8_pem().as_bytes());
        let log =
            LogKey::from_seed(*Sha256::of(&seed).as_bytes(), server_name).map_err(|error| KeysError::Name(error.to_string()))?;
        let credentials = CredentialKeys::derive(&signing);
        Ok(Self { signing, log, credentials, checkpoint_file })
    }

    /// What a verifier has to trust: the public keys, and the name under which the server signs.
    pub fn trusted(&self) -> TrustedServer {
        TrustedServer { key: self.public_key(), name: Some(self.log.name().to_owned()), log_keys: vec![self.log.vkey()] }
    }

    /// The public key that statements verify with.
    pub fn public_key(&self) -> PublicKey {
        self.signing.public_key()
    }

    /// The last checkpoint that was signed with these keys.
    pub(crate) fn last_signed(&self) -> Result<Option<Signed>, NotReadable> {
        signed_checkpoint::last_signed(&self.checkpoint_file, &self.log)
    }
}

/// The keys of a first start, noted in the database before anything is signed with them. The held log keeps out another server that
/// starts at the same moment, which then finds this one's.
async fn first(
    store: &Store,
    file: &Path,
    named: impl FnOnce(SigningKey) -> Result<Keys, KeysError>,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
) -> Result<Keys, KeysError> {
    let mut tx = store.write_outside().await?;
    let used = tx.hold_log().await? > 0;
    if let Some(expected) = tx.server_key().await? {
        return named(checked(file, read(file)?, expected)?);
    }
    let key = match read(file)? {
        Some(key) => key,
        None if used => return Err(KeysError::Missing(file.to_owned(), String::new())),
        None => create(file, entropy)?,
    };
    let keys = named(key)?;
    let seals = SealKey::derive(&keys.signing);
    if !tx.is_sealed_with(&seals).await? {
        return Err(KeysError::Unproven { file: file.to_owned() });
    }
    store.seal_with(seals);
    tx.keep_server_key(&keys.public_key().key_id(), clock.now()).await?;
    tx.commit().await?;
    Ok(keys)
}

/// The key of the file, if it is the one that the database names.
fn checked(file: &Path, key: Option<SigningKey>, expected: String) -> Result<SigningKey, KeysError> {
    let key = key.ok_or_else(|| KeysError::Missing(file.to_owned(), format!(": {expected}")))?;
    let found = key.public_key().key_id();
    match found == expected {
        true => Ok(key),
        false => Err(KeysError::Another { file: file.to_owned(), found, expected }),
    }
}

fn read(file: &Path) -> Result<Option<SigningKey>, KeysError> {
    match fs::read_to_string(file) {
        Ok(pem) => SigningKey::from_pkcs8_pem(&pem).map(Some).map_err(|error| KeysError::Key(file.to_owned(), error)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(KeysError::Io(file.to_owned(), error)),
    }
}

fn create(file: &Path, entropy: &dyn Entropy) -> Result<SigningKey, KeysError> {
    let io = |error| KeysError::Io(file.to_owned(), error);
    // One chance in 2^32 that 32 random bytes are no key: draw again then.
    let key = loop {
        if let Ok(key) = SigningKey::from_entropy(entropy.bytes()) {
            break key;
        }
    };
    write_secret(file, &key.to_pkcs8_pem()).map_err(io)?;
    Ok(key)
}

/// Writes a file that only its owner can read, whole or not at all, and never over an existing one.
fn write_secret(path: &Path, content: &str) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let draft = path.with_extension(format!("draft-{}", std::process::id()));
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    file.write_all(content.as_bytes())?;
    file.sync_all()?;
    let linked = fs::hard_link(&draft, path);
    fs::remove_file(&draft)?;
    linked?;
    // The name is on disk only when the folder is.
    fs::File::open(path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")))?.sync_all()
}
