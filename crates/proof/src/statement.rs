//! in-toto statements, version 1 (<https://github.com/in-toto/attestation/tree/main/spec/v1>), with one subject: the
//! model digest. Other verifiers accept a match with any subject, so a list of files would approve each file alone.

use crate::{
    canonical::{self, CanonicalError},
    dsse::{DsseError, Envelope, VerifiedPayload},
    sha256::Sha256,
    signing::{PublicKey, Signer},
    strict_json::{self, Limits, StrictJsonError},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

/// The type of every statement.
pub const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";

/// What a statement says about its subject. Implementors refuse unknown fields.
pub trait Predicate: Serialize + DeserializeOwned {
    /// The URI by which readers know what is said.
    const TYPE: &'static str;
}

/// Something said about one model version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement<P> {
    /// What it is about.
    pub subject: Subject,
    /// What is said.
    pub predicate: P,
}

/// What a statement is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// For people to read, `project/model:version`; what binds is the digest.
    pub name: String,
    /// The model digest.
    pub digest: Sha256,
}

/// Why bytes are not the statement that was asked for.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum StatementError {
    /// Not JSON that everybody reads alike.
    #[error("the statement cannot be read: {0}")]
    Json(#[from] StrictJsonError),
    /// Not the fields of a statement.
    #[error("not an in-toto statement: {0}")]
    Syntax(String),
    /// Another type of statement.
    #[error("the statement is of type `{0}`, not `{STATEMENT_TYPE}`: give an in-toto statement, version 1")]
    Type(String),
    /// Another predicate.
    #[error("the statement says `{found}`, not `{expected}`: give the right kind of statement")]
    PredicateType {
        /// The predicate type that was asked for.
        expected: &'static str,
        /// The one that was found.
        found: String,
    },
    /// None or several subjects.
    #[error("the statement has {0} subjects: exactly one is accepted, the model digest")]
    Subjects(usize),
    /// Not the fields of this predicate.
    #[error("the statement's predicate cannot be read: {0}")]
    Predicate(String),
    /// Something that has no canonical form.
    #[error("the statement cannot be written: {0}")]
    Canonical(#[from] CanonicalError),
    /// Longer than any reader would accept.
    #[error("the statement has {0} bytes, and may have {max}: shorten its texts", max = Limits::STATEMENT.max_bytes)]
    TooLong(usize),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire<P> {
    _type: String,
    subject: Vec<WireSubject>,
    #[serde(rename = "predicateType")]
    predicate_type: String,
    predicate: P,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireSubject {
    name: String,
    digest: DigestSet,
}

/// in-toto's set of digests. Statements here have exactly one, SHA-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DigestSet {
    /// The SHA-256 digest.
    pub sha256: Sha256,
}

impl<P: Predicate> Statement<P> {
    /// The canonical bytes to sign.
    ///
    /// # Errors
    /// When the predicate has no canonical form, or is longer than [`Limits::STATEMENT`] allows a reader to accept.
    pub fn to_payload(&self) -> Result<Vec<u8>, StatementError> {
        let digest = DigestSet { sha256: self.subject.digest };
        let payload = canonical::to_vec(&Wire {
            _type: STATEMENT_TYPE.to_owned(),
            subject: vec![WireSubject { name: self.subject.name.clone(), digest }],
            predicate_type: P::TYPE.to_owned(),
            predicate: &self.predicate,
        })?;
        if payload.len() > Limits::STATEMENT.max_bytes {
            return Err(StatementError::TooLong(payload.len()));
        }
        Ok(payload)
    }

    /// Signs the statement.
    ///
    /// # Errors
    /// As [`Statement::to_payload`].
    pub fn sign(&self, signer: &dyn Signer) -> Result<Envelope, StatementError> {
        Ok(Envelope::sign(self.to_payload()?, signer))
    }

    /// Checks the signature and reads what was signed.
    ///
    /// # Errors
    /// When `key` did not sign the envelope, or as [`Statement::parse_verified`].
    pub fn verify(envelope: &Envelope, key: &PublicKey) -> Result<Self, SignedStatementError> {
        Ok(Self::parse_verified(envelope.verify(key)?)?)
    }

    /// Reads exactly the bytes whose signature was checked.
    ///
    /// # Errors
    /// On another type, predicate type or number of subjects, on fields it does not know, and on any JSON that readers could
    /// understand differently.
    pub fn parse_verified(payload: VerifiedPayload<'_>) -> Result<Self, StatementError> {
        let value = strict_json::parse(payload.bytes(), &Limits::STATEMENT)?;
        let wire: Wire<Value> = serde_json::from_value(value).map_err(|error| StatementError::Syntax(error.to_string()))?;
        if wire._type != STATEMENT_TYPE {
            return Err(StatementError::Type(wire._type));
        }
        if wire.predicate_type != P::TYPE {
            return Err(StatementError::PredicateType { expected: P::TYPE, found: wire.predicate_type });
        }
        let [subject] =
            <[WireSubject; 1]>::try_from(wire.subject).map_err(|subjects| StatementError::Subjects(subjects.len()))?;
        let predicate = serde_json::from_value(wire.predicate).map_err(|error| StatementError::Predicate(error.to_string()))?;
        Ok(Self { subject: Subject { name: subject.name, digest: subject.digest.sha256 }, predicate })
    }
}

/// Why a signed statement proves nothing: its envelope or its content.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SignedStatementError {
    /// The envelope.
    #[error(transparent)]
    Envelope(#[from] DsseError),
    /// The statement in it.
    #[error(transparent)]
    Statement(#[from] StatementError),
}

#[cfg(test)]
mod tests;
