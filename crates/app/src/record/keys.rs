//! The public keys for statements and checkpoints.

use crate::{Error, Server};

/// The public key that statements verify with, in PEM.
pub fn public_key(server: &Server) -> String {
    server.keys.public_key().to_spki_pem()
}

/// The id of that key: the SHA-256 of its bytes, in hexadecimal.
pub fn key_id(server: &Server) -> String {
    server.keys.public_key().key_id()
}

/// The key that checkpoints verify with now, as a C2SP verifier key.
///
/// # Errors
/// When the database does not answer, or names a key that the server did not.
pub async fn log_key(server: &Server) -> Result<String, Error> {
    let keys = server.store.read().await?.log_keys().await?;
    keys.last().map(|key| key.vkey.clone()).ok_or_else(|| Error::internal("the database names no key of the log"))
}
