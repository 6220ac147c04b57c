//! Makes an approval evidence: digests, canonical bytes, signed statements and a log that only grows.
//!
//! This crate has no clock, no randomness, no files and no network. Times and entropy are arguments. So a verifier can check
//! years later, offline, from the stored bytes, what the server signs today.
//!
//! | task | items |
//! | --- | --- |
//! | name the bytes of a version | [`Manifest`], its [`Manifest::model_digest`] |
//! | write bytes that every program writes alike | [`canonical`] |
//! | read JSON from another program | [`strict_json`] |
//! | sign and verify a statement | [`SigningKey`], [`PublicKey`], [`Envelope`], [`Statement`] |
//! | state a decision about a version | [`ApprovalPredicate`], [`verify_approval`] |
//! | name the server whose signatures count | [`TrustedServer`] |
//! | let a model into an infrastructure | [`PermitPredicate`], [`verify_permit`] |
//! | show that the server wrote something | [`mac`] |
//! | show which event was logged | [`EventLeaf`] |
//! | show that an event is in the log | [`TlogProof`] |
//! | show that a key of the log took over from another | [`Handover`] |
//! | check an approval offline | [`Bundle`], [`bundle::verify`] |
//! | show that the log only grew | [`merkle`], [`checkpoint`] |

pub mod approval;
pub mod bundle;
pub mod canonical;
pub mod checkpoint;
pub mod dsse;
pub mod handover;
pub mod leaf;
pub mod mac;
pub mod manifest;
pub mod merkle;
pub mod permit;
pub mod sha256;
pub mod signing;
pub mod statement;
pub mod strict_json;
pub mod text;
pub mod tlog_proof;
pub mod trust;

pub use approval::{ApprovalError, ApprovalPredicate, Decision, DutyPolicy, ExpectedApproval, Person, verify_approval};
pub use bundle::{Bundle, BundleError};
pub use checkpoint::{Checkpoint, LogKey, NoteError};
pub use dsse::{DsseError, Envelope, VerifiedPayload};
pub use handover::{Handover, HandoverError};
pub use leaf::{EventLeaf, LeafError};
pub use manifest::{FileName, FileNameError, Manifest, ManifestEntry, ManifestError};
pub use merkle::{Frontier, MerkleError};
pub use permit::{
    AttestationReference, Basis, ExpectedPermit, PermitError, PermitPredicate, PermitTerms, PolicyReference, verify_permit,
};
pub use sha256::{Hasher, Sha256, Sha256Error};
pub use signing::{KeyError, PublicKey, Signer, SigningKey, WrongSignature};
pub use statement::{DigestSet, Predicate, SignedStatementError, Statement, StatementError, Subject};
pub use strict_json::{Floats, Limits, StrictJsonError};
pub use text::{Nonce, UtcTime, UtcTimeError};
pub use tlog_proof::{TlogProof, TlogProofError};
pub use trust::{TrustError, TrustedLogKey, TrustedServer};
