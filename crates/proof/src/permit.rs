//! The permit: the gate's signed answer for one infrastructure and one model digest. A node serves nothing without a permit.
//! A permit is a SLSA verification summary (<https://slsa.dev/spec/v1.0/verification_summary>), so other verifiers can read it.

use crate::{
    dsse::Envelope,
    sha256::Sha256,
    signing::PublicKey,
    statement::{DigestSet, Predicate, SignedStatementError, Statement, Subject},
    text::{Nonce, UtcTime},
};
use serde::{Deserialize, Serialize};

/// The level that a permit states when the version was approved. SLSA leaves names outside of `SLSA_` to the verifier.
const APPROVED_LEVEL: &str = "COUNTERSIGN_APPROVED";
/// The level that SLSA prescribes when it was not.
const FAILED_LEVEL: &str = "FAILED";
const SLSA_VERSION: &str = "1.0";

/// What a permit says. Made by [`PermitPredicate::new`], so that its result always agrees with its basis.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PermitPredicate {
    verifier: Verifier,
    time_verified: UtcTime,
    resource_uri: String,
    policy: PolicyReference,
    input_attestations: Vec<AttestationReference>,
    verification_result: VerificationResult,
    verified_levels: Vec<String>,
    slsa_version: String,
    // SLSA asks for extensions to be named by a URI.
    #[serde(rename = "urn:countersign:permit:v1")]
    countersign: PermitTerms,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Verifier {
    id: String,
}

/// The policy against which the gate decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyReference {
    /// Where the policy is described.
    pub uri: String,
    /// The digest of the policy in force.
    pub digest: DigestSet,
}

/// An approval on which a permit rests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttestationReference {
    /// Where it can be fetched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    /// The digest of its payload; see [`Envelope::payload_digest`].
    pub digest: DigestSet,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum VerificationResult {
    Passed,
    Failed,
}

/// Why a version was let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// A final approval is in force.
    Approved,
    /// None is, and somebody acknowledged the warning with a reason.
    Acknowledged,
    /// None is, and the infrastructure's policy asks for none.
    Unapproved,
}

/// What a permit says beyond SLSA.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PermitTerms {
    /// The only infrastructure on which it holds.
    pub audience: String,
    /// The service that it is for.
    pub service: String,
    /// The revision of the deployment that it was issued for.
    pub revision: u64,
    /// Why the version was let in.
    pub basis: Basis,
    /// The reason typed with an acknowledgement.
    pub reason: Option<String>,
    /// From when it holds, that moment included.
    pub not_before: UtcTime,
    /// Until when it holds; it has ended at that moment.
    pub not_after: UtcTime,
    /// Makes the statement unlike any other.
    pub nonce: Nonce,
}

impl Predicate for PermitPredicate {
    const TYPE: &'static str = "https://slsa.dev/verification_summary/v1";
}

impl PermitPredicate {
    /// A permit by `server` (a URI), decided at `time_verified` about the resource at `resource_uri`. It passes exactly when
    /// the basis is an approval; what was let in for another reason says `FAILED` and why it was let in.
    ///
    /// # Errors
    /// When the parts contradict each other: an approval without an approval to rest on, an acknowledgement without a
    /// reason, an end before its beginning. Such a permit would verify nowhere.
    pub fn new(
        server: String,
        time_verified: UtcTime,
        resource_uri: String,
        policy: PolicyReference,
        approvals: Vec<AttestationReference>,
        terms: PermitTerms,
    ) -> Result<Self, PermitError> {
        let (verification_result, level) = outcome(terms.basis);
        let permit = Self {
            verifier: Verifier { id: server },
            time_verified,
            resource_uri,
            policy,
            input_attestations: approvals,
            verification_result,
            verified_levels: vec![level.to_owned()],
            slsa_version: SLSA_VERSION.to_owned(),
            countersign: terms,
        };
        permit.check_coherence().map(|()| permit)
    }

    /// The statement of this permit for the version with this name (`project/model:version`) and model digest.
    pub fn about(self, version: String, model_digest: Sha256) -> Statement<Self> {
        Statement { subject: Subject { name: version, digest: model_digest }, predicate: self }
    }

    /// The server that issued it.
    pub fn server(&self) -> &str {
        &self.verifier.id
    }

    /// Whether the version was approved.
    pub fn passed(&self) -> bool {
        self.verification_result == VerificationResult::Passed
    }

    /// When the gate decided.
    pub const fn time_verified(&self) -> UtcTime {
        self.time_verified
    }

    /// What was let in.
    pub fn resource_uri(&self) -> &str {
        &self.resource_uri
    }

    /// The policy against which the gate decided.
    pub const fn policy(&self) -> &PolicyReference {
        &self.policy
    }

    /// The approvals it rests on.
    pub fn approvals(&self) -> &[AttestationReference] {
        &self.input_attestations
    }

    /// For whom, why and how long.
    pub const fn terms(&self) -> &PermitTerms {
        &self.countersign
    }

    /// Whether its parts agree with one another.
    fn check_coherence(&self) -> Result<(), PermitError> {
        let terms = &self.countersign;
        let (result, level) = outcome(terms.basis);
        if self.verification_result != result || self.verified_levels != [level] {
            return Err(PermitError::Contradiction(terms.basis));
        }
        if self.slsa_version != SLSA_VERSION {
            return Err(PermitError::SlsaVersion(self.slsa_version.clone()));
        }
        if terms.basis == Basis::Approved && self.input_attestations.is_empty() {
            return Err(PermitError::NoApproval);
        }
        if terms.basis == Basis::Acknowledged && terms.reason.as_deref().is_none_or(|reason| reason.trim().is_empty()) {
            return Err(PermitError::NoReason);
        }
        if terms.not_after < terms.not_before {
            return Err(PermitError::EndsBeforeItBegins { not_before: terms.not_before, not_after: terms.not_after });
        }
        Ok(())
    }
}

/// The result and the level that go with a basis.
const fn outcome(basis: Basis) -> (VerificationResult, &'static str) {
    match basis {
        Basis::Approved => (VerificationResult::Passed, APPROVED_LEVEL),
        Basis::Acknowledged | Basis::Unapproved => (VerificationResult::Failed, FAILED_LEVEL),
    }
}

/// What a permit must say to hold here.
#[derive(Clone, Copy, Debug)]
pub struct ExpectedPermit<'a> {
    /// The server whose permits count.
    pub server: &'a str,
    /// The infrastructure that asks.
    pub audience: &'a str,
    /// The digest of the files about to be loaded.
    pub model_digest: Sha256,
    /// The version about to be loaded, `project/model:version`. `None` when only its files are known.
    pub version: Option<&'a str>,
    /// The moment at which it must hold.
    pub now: UtcTime,
}

/// Why a permit does not hold.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum PermitError {
    /// Not signed by the key, altered, or no permit at all.
    #[error(transparent)]
    Statement(#[from] SignedStatementError),
    /// For other bytes.
    #[error("the permit is for model digest {found}, not {expected}: these are not the files that were let in")]
    Digest {
        /// The digest of the files at hand.
        expected: Sha256,
        /// The digest that was let in.
        found: Sha256,
    },
    /// For another version with the same files.
    #[error("the permit is for version `{0}`: have one issued for this version")]
    Version(String),
    /// From another server.
    #[error("the permit is from server `{0}`: use one from the server that you trust")]
    Server(String),
    /// For another infrastructure.
    #[error("the permit is for infrastructure `{0}`: have one issued for this infrastructure")]
    Audience(String),
    /// Not yet valid.
    #[error("the permit holds from {0}: wait, or check this machine's clock")]
    NotYetValid(UtcTime),
    /// No longer valid.
    #[error("the permit held until {0}: have it renewed")]
    Expired(UtcTime),
    /// Passed without approval, or failed with one.
    #[error("the permit's result contradicts its basis, {0:?}: take the permit as it was issued")]
    Contradiction(Basis),
    /// Another version of SLSA.
    #[error("the permit follows SLSA {0}, not {SLSA_VERSION}: take the permit as it was issued")]
    SlsaVersion(String),
    /// Passed, and rests on nothing.
    #[error("the permit says approved and names no approval: name the approval that it rests on")]
    NoApproval,
    /// Acknowledged, and nobody said why.
    #[error("the permit says acknowledged and gives no reason: record the reason that was typed")]
    NoReason,
    /// Never valid.
    #[error("the permit ends at {not_after}, before it begins at {not_before}: choose a later end")]
    EndsBeforeItBegins {
        /// Its beginning.
        not_before: UtcTime,
        /// Its end.
        not_after: UtcTime,
    },
}

/// Checks a permit against what is expected of it. Whether a [`Basis`] other than approved will do is for the caller to say:
/// the infrastructure's policy knows.
///
/// # Errors
/// Names the first expectation that it does not meet.
pub fn verify_permit(
    envelope: &Envelope,
    key: &PublicKey,
    expected: &ExpectedPermit<'_>,
) -> Result<Statement<PermitPredicate>, PermitError> {
    let statement = Statement::<PermitPredicate>::verify(envelope, key).map_err(PermitError::Statement)?;
    let permit = &statement.predicate;
    permit.check_coherence()?;
    if statement.subject.digest != expected.model_digest {
        return Err(PermitError::Digest { expected: expected.model_digest, found: statement.subject.digest });
    }
    if expected.version.is_some_and(|version| version != statement.subject.name) {
        return Err(PermitError::Version(statement.subject.name));
    }
    if permit.server() != expected.server {
        return Err(PermitError::Server(permit.server().to_owned()));
    }
    if permit.terms().audience != expected.audience {
        return Err(PermitError::Audience(permit.terms().audience.clone()));
    }
    if expected.now < permit.terms().not_before {
        return Err(PermitError::NotYetValid(permit.terms().not_before));
    }
    if expected.now >= permit.terms().not_after {
        return Err(PermitError::Expired(permit.terms().not_after));
    }
    Ok(statement)
}

#[cfg(test)]
mod tests;
