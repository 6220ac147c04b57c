//! The public keys for statements and checkpoints.

use crate::Server;

/// The public key that statements verify with, in PEM.
pub fn public_key(server: &Server) -> String {
    server.keys.public_key().to_spki_pem()
}

/// The key that checkpoints verify with, as a C2SP verifier key.
pub fn log_key(server: &Server) -> String {
    server.keys.log.vkey()
}
