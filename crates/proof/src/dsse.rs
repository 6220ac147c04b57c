//! DSSE envelopes (<https://github.com/secure-systems-lab/dsse>, version 1): a payload, its type, and a signature over both.
//! The payload's bytes are kept as they were signed and never written again from their meaning.

use crate::{
    canonical,
    sha256::Sha256,
    signing::{PublicKey, Signer},
    strict_json::{self, Floats, Limits, StrictJsonError},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

/// The type of every payload here: an in-toto statement in JSON.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// An envelope holds a statement of at most 1 MiB, which base64 makes a third longer.
const LIMITS: Limits = Limits { max_bytes: 2 << 20, max_depth: 4, floats: Floats::Refused };

/// A signed payload.
///
/// An envelope bears exactly one signature, since common verifiers refuse two. What an approver signs with a key of their own lies
/// *beside* the envelope: a passkey signs a challenge, and not [`pae`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Wire", try_from = "Wire")]
pub struct Envelope {
    payload_type: String,
    payload: Vec<u8>,
    signature: Signature,
}

/// The signature of an envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Which key signed; see [`PublicKey::key_id`].
    pub key_id: String,
    /// The signature over [`pae`], in ASN.1 DER.
    pub signature: Vec<u8>,
}

/// A payload whose signature was checked. There is no other way to make one, so what takes it cannot be given less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VerifiedPayload<'a>(&'a [u8]);

/// Why an envelope proves nothing.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum DsseError {
    /// Not the JSON of an envelope.
    #[error("not a DSSE envelope: {0}")]
    Syntax(String),
    /// Not JSON that everybody reads alike.
    #[error("not a DSSE envelope: {0}")]
    Json(#[from] StrictJsonError),
    /// Payload or signature is not base64.
    #[error("the envelope's {0} is not standard base64 with padding: take the envelope as it was issued")]
    Base64(&'static str),
    /// No signature, or several.
    #[error("the envelope bears {0} signatures, and has to bear exactly one: take the envelope as the server issued it")]
    Signatures(usize),
    /// Another type of payload.
    #[error("the envelope holds `{0}`, not `{PAYLOAD_TYPE}`: give an envelope of a statement")]
    PayloadType(String),
    /// No signature of this key.
    #[error("the envelope is not signed by key {0}: check that it comes from this server")]
    NotSignedBy(String),
    /// A signature of this key that is wrong.
    #[error("the signature of key {0} is wrong: the envelope was altered after it was signed")]
    WrongSignature(String),
}

/// The bytes that are signed: DSSE's pre-authentication encoding of type and payload.
pub fn pae(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let head = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len());
    [head.as_bytes(), payload].concat()
}

impl Envelope {
    /// Signs the bytes of a statement.
    pub fn sign(payload: Vec<u8>, signer: &dyn Signer) -> Self {
        let signature = signer.sign(&pae(PAYLOAD_TYPE, &payload));
        let signature = Signature { key_id: signer.key_id(), signature };
        Self { payload_type: PAYLOAD_TYPE.to_owned(), payload, signature }
    }

    /// Checks that this key signed, and gives the bytes that it signed.
    ///
    /// # Errors
    /// When the payload is of another type, or when `key` did not sign exactly these bytes.
    pub fn verify(&self, key: &PublicKey) -> Result<VerifiedPayload<'_>, DsseError> {
        if self.payload_type != PAYLOAD_TYPE {
            return Err(DsseError::PayloadType(self.payload_type.clone()));
        }
        let key_id = key.key_id();
        if self.signature.key_id != key_id {
            return Err(DsseError::NotSignedBy(key_id));
        }
        match key.verify(&pae(&self.payload_type, &self.payload), &self.signature.signature) {
            Ok(()) => Ok(VerifiedPayload(&self.payload)),
            Err(_) => Err(DsseError::WrongSignature(key_id)),
        }
    }

    /// The signature, unchecked.
    pub const fn signature(&self) -> &Signature {
        &self.signature
    }

    /// The signed bytes, unchecked: for comparing them with others. What they say counts only after [`Envelope::verify`].
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The digest of the signed payload, by which one statement refers to another. Not of the envelope: a signature more,
    /// or another encoding of one, does not change what was said.
    pub fn payload_digest(&self) -> Sha256 {
        Sha256::of(&self.payload)
    }

    /// The envelope as canonical JSON.
    pub fn to_json_bytes(&self) -> Vec<u8> {
        canonical::to_vec(self).expect("an envelope has only strings, and every string has a canonical form")
    }

    /// Reads an envelope strictly. Nothing is checked yet: use [`Envelope::verify`].
    ///
    /// # Errors
    /// When the bytes are not the JSON of an envelope, or have more in them than an envelope has.
    pub fn from_json_bytes(bytes: &[u8]) -> Result<Self, DsseError> {
        let value = strict_json::parse(bytes, &LIMITS)?;
        let wire: Wire = serde_json::from_value(value).map_err(|error| DsseError::Syntax(error.to_string()))?;
        wire.try_into()
    }
}

impl<'a> VerifiedPayload<'a> {
    /// The bytes that were signed.
    pub const fn bytes(self) -> &'a [u8] {
        self.0
    }
}

/// The standard JSON of an envelope.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Wire {
    payload: String,
    payload_type: String,
    signatures: Vec<WireSignature>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireSignature {
    keyid: String,
    sig: String,
}

impl From<Envelope> for Wire {
    fn from(envelope: Envelope) -> Self {
        let Signature { key_id, signature } = envelope.signature;
        Self {
            payload: STANDARD.encode(envelope.payload),
            payload_type: envelope.payload_type,
            signatures: vec![WireSignature { keyid: key_id, sig: STANDARD.encode(signature) }],
        }
    }
}

impl TryFrom<Wire> for Envelope {
    type Error = DsseError;

    fn try_from(wire: Wire) -> Result<Self, DsseError> {
        let [signature] =
            <[WireSignature; 1]>::try_from(wire.signatures).map_err(|several| DsseError::Signatures(several.len()))?;
        let decode = |what, text: &str| STANDARD.decode(text).map_err(|_| DsseError::Base64(what));
        Ok(Self {
            payload_type: wire.payload_type,
            payload: decode("payload", &wire.payload)?,
            signature: Signature { signature: decode("signature", &signature.sig)?, key_id: signature.keyid },
        })
    }
}

#[cfg(test)]
mod tests;
