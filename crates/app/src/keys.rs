//! The server's keys: P-256 for statements, Ed25519 for the log. Made at the first start, or given by configuration.

use proof::{LogKey, PublicKey, Sha256, SigningKey};
use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

/// The keys of a server, and the file that remembers the largest log it ever signed.
pub struct Keys {
    /// Signs approvals and permits.
    pub signing: SigningKey,
    /// Signs checkpoints of the log.
    pub log: LogKey,
    /// Holds the last signed checkpoint. Outside of the database, so that a restored copy of it is noticed.
    pub checkpoint_file: PathBuf,
}

/// A key that cannot be read or made.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The file system said no.
    #[error("the key file {0} cannot be used: {1}")]
    Io(PathBuf, std::io::Error),
    /// The file holds no key.
    #[error("the key file {0} does not hold a P-256 private key in PKCS#8 PEM: {1}")]
    Key(PathBuf, proof::KeyError),
    /// The name of the server cannot name its log.
    #[error("the server's name cannot name a log: {0}")]
    Name(String),
}

impl Keys {
    /// Reads the key from `file`, or makes it there from `entropy` when there is none. The key of the log is derived from it,
    /// so that one file is all that has to be kept safe.
    ///
    /// # Errors
    /// When the file cannot be read or written, or holds something else.
    pub fn load_or_create(
        file: &Path,
        checkpoint_file: PathBuf,
        server_name: &str,
        entropy: impl Fn() -> [u8; 32],
    ) -> Result<Self, KeysError> {
        let io = |error| KeysError::Io(file.to_owned(), error);
        let pem = match fs::read_to_string(file) {
            Ok(pem) => pem,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                // One chance in 2^32 that 32 random bytes are no key: draw again then.
                let key = std::iter::repeat_with(|| SigningKey::from_entropy(entropy())).find_map(Result::ok);
                let pem = key.map(|key| key.to_pkcs8_pem().to_string()).unwrap_or_default();
                match write_secret(file, &pem) {
                    // Another server made it at the same moment: use that one.
                    Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => fs::read_to_string(file).map_err(io)?,
                    other => other.map(|()| pem).map_err(io)?,
                }
            }
            Err(error) => return Err(io(error)),
        };
        let signing = SigningKey::from_pkcs8_pem(&pem).map_err(|error| KeysError::Key(file.to_owned(), error))?;
        Self::from_signing_key(signing, checkpoint_file, server_name)
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
        Ok(Self { signing, log, checkpoint_file })
    }

    /// The public key that statements verify with.
    pub fn public_key(&self) -> PublicKey {
        self.signing.public_key()
    }
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
    linked
}
