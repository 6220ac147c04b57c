//! Encrypts a secret that the server must be able to read again, so that a copy of the database does not hold it: ChaCha20-Poly1305
//! (RFC 8439).

use chacha20poly1305::{
    ChaCha20Poly1305, Key, KeyInit, Nonce,
    aead::{Aead, Payload},
};

/// How many bytes of each box are its nonce.
const NONCE: usize = 12;

/// Encrypts and decrypts under one key.
pub(super) struct SecretBox(ChaCha20Poly1305);

impl SecretBox {
    pub fn new(key: [u8; 32]) -> Self {
        Self(ChaCha20Poly1305::new(&Key::from(key)))
    }

    /// The encrypted secret, which opens for this use alone. `random` is used once.
    pub fn close(&self, secret: &str, its_use: &str, random: [u8; 32]) -> Vec<u8> {
        let mut nonce = [0; NONCE];
        nonce.copy_from_slice(&random[..NONCE]);
        let payload = Payload { msg: secret.as_bytes(), aad: its_use.as_bytes() };
        let closed = self.0.encrypt(&Nonce::from(nonce), payload).expect("a password is far shorter than what the cipher takes");
        [&nonce[..], &closed].concat()
    }

    /// The secret; none where another key closed the box, for another use, or where somebody altered it.
    pub fn open(&self, closed: &[u8], its_use: &str) -> Option<String> {
        let (nonce, closed) = closed.split_at_checked(NONCE)?;
        let nonce: [u8; NONCE] = nonce.try_into().ok()?;
        let opened = self.0.decrypt(&Nonce::from(nonce), Payload { msg: closed, aad: its_use.as_bytes() }).ok()?;
        String::from_utf8(opened).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_opens_with_its_key_for_its_use_alone() {
        let one = SecretBox::new([1; 32]);
        let closed = one.close("password", "mail.example.org", [7; 32]);
        assert_eq!(one.open(&closed, "mail.example.org").as_deref(), Some("password"));
        assert!(!String::from_utf8_lossy(&closed).contains("password"));
        assert_eq!(one.open(&closed, "evil.example.org"), None);
        assert_eq!(SecretBox::new([2; 32]).open(&closed, "mail.example.org"), None);
        for place in 0..closed.len() {
            let mut altered = closed.clone();
            altered[place] ^= 1;
            assert_eq!(one.open(&altered, "mail.example.org"), None, "{place}");
        }
        assert_eq!(one.open(&[], ""), None);
    }
}
