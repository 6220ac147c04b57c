//! The server's keys: P-256 for statements, Ed25519 for the log. The server makes them at its first start, or reads their files.

mod error;
mod files;
mod log_signer;

pub use error::KeysError;
pub use files::KeyFiles;
pub use log_signer::LogSigner;

use crate::{Clock, Entropy, base::credentials::CredentialKeys};
use files::{create_signing, read_signing};
use proof::{PublicKey, SigningKey, TrustedLogKey, TrustedServer};
use std::path::{Path, PathBuf};
use store::{LogKeyRow, SealKey, Store, StoreError};

/// The keys of a server, and the file that remembers the largest log that it saw signed.
pub struct Keys {
    /// Signs approvals and permits.
    pub signing: SigningKey,
    /// Signs checkpoints of the log, on the server that has its key.
    pub log: LogSigner,
    /// Under which credentials are stored.
    pub credentials: CredentialKeys,
    /// Holds the last signed checkpoint. Outside of the database, so that a restored copy of it is noticed.
    pub checkpoint_file: PathBuf,
}

impl Keys {
    /// Reads the signing key. At the first start, when nothing was recorded yet, it is made from `entropy` unless it was put there
    /// before; from then on the database names it, and no other key is taken: one that was lost must be put back. A database that has
    /// a log and names no key takes the one that its log is sealed with.
    ///
    /// The key of the log is made at the first start too. A server without its file signs no checkpoint.
    ///
    /// # Errors
    /// When a file cannot be read or written, is gone after the first start, holds no key, or holds a key that nothing shows to be the
    /// database's.
    pub async fn open(
        store: &Store,
        files: &KeyFiles,
        server_name: &str,
        clock: &dyn Clock,
        entropy: &dyn Entropy,
    ) -> Result<Self, KeysError> {
        let expected = store.read().await?.server_key().await?;
        let signing = match expected {
            Some(expected) => checked(&files.signing, read_signing(&files.signing)?, expected)?,
            None => return first(store, files, server_name, clock, entropy).await,
        };
        store.seal_with(SealKey::derive(&signing));
        Ok(Self::of(signing, files))
    }

    /// Reads the keys of a server that was started before, and gives the store its key. Makes nothing.
    ///
    /// # Errors
    /// When the key is not there, or is not the one of this database.
    pub async fn existing(store: &Store, files: &KeyFiles) -> Result<Self, KeysError> {
        let file = &files.signing;
        let signing = match store.read().await?.server_key().await? {
            Some(expected) => checked(file, read_signing(file)?, expected)?,
            None => read_signing(file)?.ok_or_else(|| KeysError::Missing(file.to_owned(), String::new()))?,
        };
        store.seal_with(SealKey::derive(&signing));
        Ok(Self::of(signing, files))
    }

    fn of(signing: SigningKey, files: &KeyFiles) -> Self {
        let credentials = CredentialKeys::derive(&signing);
        Self { signing, log: LogSigner::new(files.log.clone()), credentials, checkpoint_file: files.checkpoint.clone() }
    }

    /// What a verifier has to trust: the public key, the keys of the log that the database names, and the name under which the server
    /// signs.
    ///
    /// # Errors
    /// When the database does not answer, or names a key that the server did not.
    pub async fn trusted(&self, store: &Store, server_name: &str) -> Result<TrustedServer, StoreError> {
        let rows = store.read().await?.log_keys().await?;
        // A key counts until the next one took over.
        let ends = rows.iter().skip(1).map(|next| Some(next.since)).chain([None]);
        let log_keys = rows.iter().zip(ends).map(|(key, until)| TrustedLogKey { vkey: key.vkey.clone(), until }).collect();
        Ok(TrustedServer { key: self.public_key(), name: Some(server_name.to_owned()), log_keys })
    }

    /// The same for a verification of the store, which itself finds a key of the log that another wrote into the database.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn to_verify(&self, store: &Store, server_name: &str) -> Result<TrustedServer, StoreError> {
        // Without their periods: the verification knows these from the record itself.
        let log_keys = store.read().await?.named_log_keys().await?.into_iter().map(TrustedLogKey::present).collect();
        Ok(TrustedServer { key: self.public_key(), name: Some(server_name.to_owned()), log_keys })
    }

    /// The public key that statements verify with.
    pub fn public_key(&self) -> PublicKey {
        self.signing.public_key()
    }
}

/// The keys of a first start, noted in the database before anything is signed with them. The held log keeps out another server that
/// starts at the same moment, which then finds this one's.
async fn first(
    store: &Store,
    files: &KeyFiles,
    server_name: &str,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
) -> Result<Keys, KeysError> {
    let file = &files.signing;
    let mut tx = store.write_outside().await?;
    let used = tx.hold_log().await? > 0;
    if let Some(expected) = tx.server_key().await? {
        let signing = checked(file, read_signing(file)?, expected)?;
        store.seal_with(SealKey::derive(&signing));
        return Ok(Keys::of(signing, files));
    }
    let signing = match read_signing(file)? {
        Some(key) => key,
        None if used => return Err(KeysError::Missing(file.to_owned(), String::new())),
        None => create_signing(file, entropy)?,
    };
    let seals = SealKey::derive(&signing);
    if !tx.is_sealed_with(&seals).await? {
        return Err(KeysError::Unproven { file: file.to_owned() });
    }
    store.seal_with(seals);
    let keys = Keys::of(signing, files);
    tx.keep_server_key(&keys.public_key().key_id(), clock.now()).await?;
    if tx.log_keys().await?.is_empty() {
        let vkey = keys.log.first(server_name, entropy)?.vkey();
        tx.add_log_key(&LogKeyRow { number: 1, vkey, since: 0, abandoned: None }).await?;
    }
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
