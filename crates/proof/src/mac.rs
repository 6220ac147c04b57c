//! Keyed hashes: HMAC-SHA256 (RFC 2104) under keys that are derived from the server's secret, one for each purpose.
//!
//! A person with the database alone has no such key. So a value that bears the right MAC was written by the server.

use crate::signing::SigningKey;
use hmac::{Hmac, KeyInit, Mac};
use std::fmt;

/// How many bytes a MAC has.
pub const LENGTH: usize = 32;

/// A key for MACs. Never shown.
#[derive(Clone)]
pub struct MacKey(Hmac<sha2::Sha256>);

impl MacKey {
    /// The key for one purpose. Keys of two purposes tell nothing of each other, nor of the server's private key.
    pub fn derive(secret: &SigningKey, purpose: &str) -> Self {
        let pem = secret.to_pkcs8_pem();
        let root = Self::from_bytes(pem.as_bytes());
        Self::from_bytes(&root.mac(&[b"countersign key v1", purpose.as_bytes()]))
    }

    /// The key that these bytes are.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self(Hmac::new_from_slice(bytes).expect("HMAC takes keys of any length"))
    }

    /// The MAC over these parts. Each part goes in with its length, so that no other parts have the same MAC.
    pub fn mac(&self, parts: &[&[u8]]) -> [u8; LENGTH] {
        self.over(parts).finalize().into_bytes().into()
    }

    /// Whether this is the MAC over these parts; the comparison takes as long for every answer.
    pub fn verify(&self, parts: &[&[u8]], mac: &[u8]) -> bool {
        self.over(parts).verify_slice(mac).is_ok()
    }

    fn over(&self, parts: &[&[u8]]) -> Hmac<sha2::Sha256> {
        let mut mac = self.0.clone();
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac
    }
}

impl fmt::Debug for MacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MacKey")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mac_is_that_of_rfc_2104_over_the_parts_with_their_lengths() {
        // Computed with Python: hmac.new(b"key", (4).to_bytes(8, "big") + b"rows" + (0).to_bytes(8, "big"), "sha256").
        let mac = MacKey::from_bytes(b"key").mac(&[b"rows", b""]);
        assert_eq!(hex::encode(mac), "b4ab6471fb57ea4e222d9a5feac732cf4c02ea0baf5d48b96bd074cb64f13194");
    }

    #[test]
    fn parts_that_are_joined_otherwise_have_another_mac() {
        let key = MacKey::from_bytes(&[7; 32]);
        let mac = key.mac(&[b"ab", b"c"]);
        assert!(key.verify(&[b"ab", b"c"], &mac));
        for other in [&[&b"a"[..], b"bc"][..], &[b"abc"], &[b"ab", b"c", b""], &[]] {
            assert!(!key.verify(other, &mac), "{other:?}");
        }
        assert!(!key.verify(&[b"ab", b"c"], &mac[..31]) && !key.verify(&[b"ab", b"c"], b""));
        assert!(!MacKey::from_bytes(&[8; 32]).verify(&[b"ab", b"c"], &mac));
    }

    #[test]
    fn each_purpose_and_each_secret_has_a_key_of_its_own() {
        let secret = |byte| SigningKey::from_entropy([byte; 32]).unwrap();
        let mac = |secret: &SigningKey, purpose| MacKey::derive(secret, purpose).mac(&[b"x"]);
        assert_eq!(mac(&secret(1), "rows"), mac(&secret(1), "rows"));
        assert_ne!(mac(&secret(1), "rows"), mac(&secret(1), "credentials"));
        assert_ne!(mac(&secret(1), "rows"), mac(&secret(2), "rows"));
    }
}
