//! What makes an approval evidence: digests, canonical bytes, signed statements and a log that only grows.
//!
//! Everything here is pure: no clock, no randomness, no files, no network. Times and entropy are arguments, so that what
//! the server signs today can be checked again years later, offline, from the same bytes.
//!
//! | to… | use |
//! | --- | --- |
//! | name the bytes of a version | [`Manifest`], its [`Manifest::model_digest`] |
//! | write bytes that are the same everywhere | [`canonical`] |
//! | read JSON that somebody else wrote | [`strict_json`] |
//! | sign and check a statement | [`SigningKey`], [`PublicKey`], [`Envelope`], [`Statement`] |
//! | say that a version was decided | [`ApprovalPredicate`], [`verify_approval`] |
//! | know whose signatures count | [`TrustedServer`] |
//! | let a model into an infrastructure | [`PermitPredicate`], [`verify_permit`] |
//! | show that nothing was altered | [`merkle`], [`checkpoint`] |

pub mod approval;
pub mod canonical;
pub mod checkpoint;
pub mod dsse;
pub mod manifest;
pub mod merkle;
pub mod permit;
pub mod sha256;
pub mod signing;
pub mod statement;
pub mod strict_json;
pub mod text;
pub mod trust;

pub use approval::{ApprovalError, ApprovalPredicate, Decision, DutyPolicy, ExpectedApproval, Person, verify_approval};
pub use checkpoint::{Checkpoint, LogKey, NoteError};
pub use dsse::{DsseError, Envelope, VerifiedPayload};
pub use manifest::{FileName, FileNameError, Manifest, ManifestEntry, ManifestError};
pub use merkle::{Frontier, MerkleError};
pub use permit::{
    AttestationReference, Basis, ExpectedPermit, PermitError, PermitPredicate, PermitTerms, PolicyReference, verify_permit,
};
pub use sha256::{Hasher, Sha256, Sha256Error};
pub use signing::{KeyError, PublicKey, SigningKey, WrongSignature};
pub use statement::{DigestSet, Predicate, SignedStatementError, Statement, StatementError, Subject};
pub use strict_json::{Floats, Limits, StrictJsonError};
pub use text::{Nonce, UtcTime, UtcTimeError};
pub use trust::{TrustError, TrustedServer};
