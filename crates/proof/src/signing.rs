//! The server's signature: ECDSA over P-256 with SHA-256, the one algorithm that every independent verifier accepts.
//! Signing needs no randomness (RFC 6979): a key gives one signature for given bytes.

use crate::sha256::Sha256;
use p256::{
    ecdsa::{self, signature::Signer as _},
    pkcs8::{DecodePrivateKey as _, DecodePublicKey as _, EncodePrivateKey as _, EncodePublicKey as _, LineEnding},
};
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use std::fmt;
use zeroize::Zeroizing;

/// What can sign a statement. The server's own key is one; a key that another program or device holds can be another.
pub trait Signer {
    /// The name of the key, as [`PublicKey::key_id`] gives it.
    fn key_id(&self) -> String;

    /// An ECDSA P-256 signature over the SHA-256 of these bytes, in ASN.1 DER.
    fn sign(&self, bytes: &[u8]) -> Vec<u8>;
}

/// A private key. Wiped from memory when dropped, and never shown.
#[derive(Clone)]
pub struct SigningKey(ecdsa::SigningKey);

/// A public key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(ecdsa::VerifyingKey);

/// A key that cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum KeyError {
    /// Entropy that is no private key: zero, or not below the order of the curve. One chance in 2^32.
    #[error("these 32 random bytes are not a P-256 private key: draw new ones")]
    Entropy,
    /// Not the PEM of a private key.
    #[error("not a P-256 private key: give it as PKCS#8 PEM (`-----BEGIN PRIVATE KEY-----`)")]
    PrivatePem,
    /// Not the PEM of a public key.
    #[error("not a P-256 public key: give it as SPKI PEM (`-----BEGIN PUBLIC KEY-----`)")]
    PublicPem,
}

/// A signature that is not by this key over these bytes.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("the signature is not by this key over these bytes: they were altered, or another key signed them")]
pub struct WrongSignature;

impl SigningKey {
    /// The key that these random bytes are.
    ///
    /// # Errors
    /// When they are no private key, which is so improbable that drawing again is the answer.
    pub fn from_entropy(entropy: [u8; 32]) -> Result<Self, KeyError> {
        let entropy = Zeroizing::new(entropy);
        ecdsa::SigningKey::from_slice(entropy.as_slice()).map(Self).map_err(|_| KeyError::Entropy)
    }

    /// Reads a private key in PKCS#8 PEM (RFC 5958, RFC 7468), as `openssl genpkey` writes it.
    ///
    /// # Errors
    /// When the text is anything else.
    pub fn from_pkcs8_pem(pem: &str) -> Result<Self, KeyError> {
        ecdsa::SigningKey::from_pkcs8_pem(pem).map(Self).map_err(|_| KeyError::PrivatePem)
    }

    /// The private key in PKCS#8 PEM. Keep it secret; the text is wiped from memory when dropped.
    pub fn to_pkcs8_pem(&self) -> Zeroizing<String> {
        self.0.to_pkcs8_pem(LineEnding::LF).expect("a P-256 key is of one size, and always has a PEM form")
    }

    /// The key that checks what this one signs.
    pub fn public_key(&self) -> PublicKey {
        PublicKey(*self.0.verifying_key())
    }

    /// An ASN.1 DER signature over the SHA-256 of these bytes: deterministic (RFC 6979) and with the lower of the two
    /// possible values of `s`.
    pub fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        let signature: ecdsa::Signature = self.0.sign(bytes);
        signature.normalize_s().to_der().as_bytes().to_vec()
    }
}

impl Signer for SigningKey {
    fn key_id(&self) -> String {
        self.public_key().key_id()
    }

    fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        Self::sign(self, bytes)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.public_key().key_id())
    }
}

impl PublicKey {
    /// Reads a public key in SPKI PEM (RFC 5480, RFC 7468).
    ///
    /// # Errors
    /// When the text is anything else.
    pub fn from_spki_pem(pem: &str) -> Result<Self, KeyError> {
        ecdsa::VerifyingKey::from_public_key_pem(pem).map(Self).map_err(|_| KeyError::PublicPem)
    }

    /// The public key in SPKI PEM.
    pub fn to_spki_pem(&self) -> String {
        self.0.to_public_key_pem(LineEnding::LF).expect("a P-256 key is of one size, and always has a PEM form")
    }

    /// The key's name wherever it is mentioned: the SHA-256 of its SPKI DER, in hexadecimal.
    pub fn key_id(&self) -> String {
        let der = self.0.to_public_key_der().expect("a P-256 key is of one size, and always has a DER form");
        Sha256::of(der.as_bytes()).hex()
    }

    /// Checks an ASN.1 DER signature over the SHA-256 of these bytes.
    ///
    /// # Errors
    /// When it is not by this key over these bytes.
    pub fn verify(&self, bytes: &[u8], signature: &[u8]) -> Result<(), WrongSignature> {
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, self.0.to_sec1_point(false));
        key.verify(bytes, signature).map_err(|_| WrongSignature)
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.key_id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use p256::ecdsa::DerSignature;
    use proptest::prelude::*;

    fn key() -> SigningKey {
        // RFC 6979, appendix A.2.5.
        let entropy = hex::decode("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721").unwrap();
        SigningKey::from_entropy(entropy.try_into().unwrap()).unwrap()
    }

    #[test]
    fn signs_as_in_rfc_6979_appendix_a_2_5() {
        // "test" has a low s and is the published signature; the published s for "sample" is high, so ours is n - s.
        for (message, r, s) in [
            (
                "test",
                "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367",
                "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083",
            ),
            (
                "sample",
                "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716",
                "0834e36ad29a83bf2bc9385e491d6099c8fdf9d1ed67aa7ea5f51f93782857a9",
            ),
        ] {
            let signature = DerSignature::from_bytes(&key().sign(message.as_bytes())).unwrap();
            let signature = ecdsa::Signature::try_from(signature).unwrap();
            assert_eq!(hex::encode(signature.to_bytes()), format!("{r}{s}"), "{message}");
        }
    }

    #[test]
    fn keys_read_back_from_pem() {
        let key = key();
        let again = SigningKey::from_pkcs8_pem(&key.to_pkcs8_pem()).unwrap();
        assert_eq!(again.public_key(), key.public_key());
        assert_eq!(PublicKey::from_spki_pem(&key.public_key().to_spki_pem()).unwrap(), key.public_key());
        assert_eq!(SigningKey::from_pkcs8_pem(&key.public_key().to_spki_pem()).err(), Some(KeyError::PrivatePem));
        assert_eq!(PublicKey::from_spki_pem(&key.to_pkcs8_pem()).err(), Some(KeyError::PublicPem));
    }

    #[test]
    fn entropy_outside_of_the_curve_is_refused() {
        assert_eq!(SigningKey::from_entropy([0; 32]).err(), Some(KeyError::Entropy));
        assert_eq!(SigningKey::from_entropy([0xff; 32]).err(), Some(KeyError::Entropy));
    }

    #[test]
    fn a_private_key_is_not_shown() {
        let shown = format!("{:?}", key());
        assert!(shown.contains(&key().public_key().key_id()) && !shown.contains("c9afa9"), "{shown}");
    }

    proptest! {
        #[test]
        fn a_signature_is_for_one_key_and_one_message(
            entropy in any::<[u8; 32]>(), other in any::<[u8; 32]>(), message in any::<Vec<u8>>(), at in any::<prop::sample::Index>(),
        ) {
            prop_assume!(entropy != other);
            let (Ok(key), Ok(other)) = (SigningKey::from_entropy(entropy), SigningKey::from_entropy(other)) else {
                return Err(TestCaseError::reject("no key"));
            };
            let mut signature = key.sign(&message);
            prop_assert_eq!(&signature, &key.sign(&message));
            prop_assert_eq!(key.public_key().verify(&message, &signature), Ok(()));
            prop_assert_eq!(other.public_key().verify(&message, &signature), Err(WrongSignature));
            prop_assert_eq!(key.public_key().verify(&[&message[..], b"x"].concat(), &signature), Err(WrongSignature));
            let at = at.index(signature.len());
            signature[at] ^= 1;
            prop_assert_eq!(key.public_key().verify(&message, &signature), Err(WrongSignature));
        }
    }
}
