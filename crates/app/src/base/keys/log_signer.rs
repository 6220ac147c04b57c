//! The key that the log is signed with. One server of a database has its file, and only that server signs the log; the database names
//! the key, so that a change of the key reaches a running server.

use super::{error::KeysError, files};
use crate::Entropy;
use proof::{LogKey, checkpoint};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

/// The log key of this server, if it has one.
pub struct LogSigner {
    file: PathBuf,
    held: Mutex<Option<LogKey>>,
}

impl LogSigner {
    pub(super) fn new(file: PathBuf) -> Self {
        Self { file, held: Mutex::default() }
    }

    /// The key that the database names, if its file is here. Reads the file anew where another key is held: another process may have
    /// changed the key, and may have been interrupted before the new file took the place of the old one.
    ///
    /// # Errors
    /// A file that cannot be read, or that holds no key.
    pub fn key(&self, vkey: &str) -> Result<Option<LogKey>, KeysError> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = held.as_ref().filter(|key| key.vkey() == vkey) {
            return Ok(Some(key.clone()));
        }
        let next = self.next();
        *held = match self.read(&self.file, vkey)? {
            Some(key) => Some(key),
            None => self.read(&next, vkey)?,
        };
        if held.is_some() && next.exists() && self.read(&self.file, vkey)?.is_none() {
            self.take_over()?;
        }
        Ok(held.clone())
    }

    /// The key that is in the file, whichever it is, for the log that this verifier key names.
    pub(crate) fn present(&self, vkey: &str) -> Result<Option<LogKey>, KeysError> {
        let unusable = |error| KeysError::LogKey(self.file.clone(), error);
        let name = checkpoint::name_of(vkey).map_err(unusable)?;
        let Some(pem) = files::read(&self.file)? else { return Ok(None) };
        LogKey::from_pkcs8_pem(&pem, name).map(Some).map_err(unusable)
    }

    /// The key in the file for the log of this name, made if there is none: for a first start.
    pub(super) fn first(&self, name: &str, entropy: &dyn Entropy) -> Result<LogKey, KeysError> {
        if let Some(pem) = files::read(&self.file)? {
            return LogKey::from_pkcs8_pem(&pem, name).map_err(|error| KeysError::LogKey(self.file.clone(), error));
        }
        self.create(&self.file, name, entropy)
    }

    /// Makes the next key, in a file of its own beside the present one, which it does not replace yet.
    pub(crate) fn prepare(&self, name: &str, entropy: &dyn Entropy) -> Result<LogKey, KeysError> {
        let next = self.next();
        // One that was prepared and never named by the database signs nothing.
        match fs::remove_file(&next) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(KeysError::Io(next, error)),
            _ => self.create(&next, name, entropy),
        }
    }

    /// Puts the next key in the place of the present one, once the database names it.
    pub(crate) fn take_over(&self) -> Result<(), KeysError> {
        let moved = fs::rename(self.next(), &self.file).and_then(|()| files::sync_folder(&self.file));
        moved.map_err(|error| KeysError::Io(self.file.clone(), error))
    }

    fn create(&self, file: &Path, name: &str, entropy: &dyn Entropy) -> Result<LogKey, KeysError> {
        let key = LogKey::from_seed(entropy.bytes(), name).map_err(|error| KeysError::Name(error.to_string()))?;
        files::write_secret(file, &key.to_pkcs8_pem()).map_err(|error| KeysError::Io(file.to_owned(), error))?;
        Ok(key)
    }

    /// The key in a file, if it is the one with this verifier key.
    fn read(&self, file: &Path, vkey: &str) -> Result<Option<LogKey>, KeysError> {
        let unusable = |error| KeysError::LogKey(file.to_owned(), error);
        let name = checkpoint::name_of(vkey).map_err(unusable)?;
        let Some(pem) = files::read(file)? else { return Ok(None) };
        let key = LogKey::from_pkcs8_pem(&pem, name).map_err(unusable)?;
        Ok(Some(key).filter(|key| key.vkey() == vkey))
    }

    fn next(&self) -> PathBuf {
        self.file.with_extension("next.pem")
    }
}
