//! The statement of a final decision: who decided what about which model digest, under which policy, after seeing what.
//! Auditors verify this statement years later, and every permit names it.

use crate::{
    dsse::Envelope,
    sha256::Sha256,
    signing::PublicKey,
    statement::{Predicate, SignedStatementError, Statement, Subject},
    text::{Nonce, UtcTime},
};
use serde::{Deserialize, Serialize};

/// A final decision about a version. All times are UTC with microseconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApprovalPredicate {
    /// The server that recorded the decision, by the identity that its operators gave it.
    pub server: String,
    /// The project's slug.
    pub project: String,
    /// The model's slug.
    pub model: String,
    /// The version's number.
    pub version: u64,
    /// The step of the version's workflow whose sign-off was decided. Left out for `review`, the step of the standard workflow.
    #[serde(default = "standard_step", skip_serializing_if = "is_standard_step")]
    pub step: String,
    /// Which run of the sign-off this decision ended.
    pub round: u64,
    /// What was decided.
    pub decision: Decision,
    /// What the decision means, as the sentence that the person saw.
    pub meaning: String,
    /// Who decided.
    pub decided_by: Person,
    /// When.
    pub decided_at: UtcTime,
    /// The end of the approval. The approval is in force before this time, no longer at this time; `None` is without end.
    // Without its own reader a missing field would read as "without end".
    #[serde(deserialize_with = "Option::deserialize")]
    pub not_after: Option<UtcTime>,
    /// Whether the approver was neither author nor requester, whatever the duty rules allowed. Left out where not, and where nothing was
    /// approved.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub independent: bool,
    /// The approval that a revocation takes back, by the digest of its payload (see [`Envelope::payload_digest`]); none in other decisions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revokes: Option<Sha256>,
    /// The comment given with the decision, as typed.
    pub comment: String,
    /// The duty rules in force.
    pub policy: DutyPolicy,
    /// Whom the round asked for the final approval.
    pub approvers: Vec<String>,
    /// The feedback slots of the round.
    pub slots: Vec<String>,
    /// The digest of what was shown: metrics, parameters, notes.
    pub considered: Sha256,
    /// The digest of the feedback considered.
    pub feedback: Sha256,
    /// Makes the statement unlike any other.
    pub nonce: Nonce,
}

fn standard_step() -> String {
    "review".to_owned()
}

fn is_standard_step(step: &str) -> bool {
    step == "review"
}

/// The three final decisions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// The version may be used.
    Approved,
    /// The version may not be used.
    Rejected,
    /// An earlier approval no longer holds.
    Revoked,
}

/// A person, as the identity provider knows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// Who vouches for them.
    pub issuer: String,
    /// Their lasting identifier there.
    pub subject: String,
    /// The name to show.
    pub name: String,
    /// What showed the server who decided: `session`, `personal_token` and so on. Statements from before this was kept lack it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub credential: Option<String>,
    /// Who gave out the invitation by which the account came by its password: the name of an administrator, or the server's console.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub invited_by: Option<String>,
    /// The second administrator, or the server's console, that confirmed the invitation.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub invitation_confirmed_by: Option<String>,
}

/// A project's duty rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DutyPolicy {
    /// Whether an author of the version may approve it.
    pub author_may_approve: bool,
    /// Whether the person who requested the review may approve.
    pub requester_may_approve: bool,
}

impl Predicate for ApprovalPredicate {
    const TYPE: &'static str = "urn:countersign:approval:v1";
}

impl ApprovalPredicate {
    /// The statement of this decision about the version with this model digest.
    pub fn about(self, model_digest: Sha256) -> Statement<Self> {
        Statement { subject: Subject { name: self.version_name(), digest: model_digest }, predicate: self }
    }

    /// `project/model:version`.
    fn version_name(&self) -> String {
        format!("{}/{}:{}", self.project, self.model, self.version)
    }
}

/// What an approval must say to count.
#[derive(Clone, Copy, Debug)]
pub struct ExpectedApproval<'a> {
    /// The digest of the files at hand.
    pub model_digest: Sha256,
    /// The version at hand, `project/model:version`. `None` when only its files are known: then an approval of any version
    /// with these very files counts.
    pub version: Option<&'a str>,
    /// The server whose approvals count.
    pub server: &'a str,
    /// The moment at which it must be in force.
    pub now: UtcTime,
}

/// Why an approval does not count.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ApprovalError {
    /// Not signed by the key, altered, or no approval at all.
    #[error(transparent)]
    Statement(#[from] SignedStatementError),
    /// For other bytes.
    #[error("the approval is for model digest {found}, not {expected}: these are not the files that were approved")]
    Digest {
        /// The digest of the files at hand.
        expected: Sha256,
        /// The digest that was approved.
        found: Sha256,
    },
    /// For another version with the same files.
    #[error("the approval is for version `{0}`: have this version approved")]
    Version(String),
    /// From another server.
    #[error("the approval is from server `{0}`: use one from the server that you trust")]
    Server(String),
    /// The subject bears another name than the decision.
    #[error("the approval is named `{0}`, which is not the version it decides: take the approval as it was issued")]
    Name(String),
    /// Rejected or revoked.
    #[error("the decision is {0:?}, not approved: the version may not be used")]
    Decision(Decision),
    /// No longer in force.
    #[error("the approval was in force until {0}: have the version approved again")]
    Expired(UtcTime),
}

/// Checks an approval against what is expected of it.
///
/// # Errors
/// Names the first expectation that it does not meet. It cannot know whether the approval was revoked later: only the log
/// and the server know that.
pub fn verify_approval(
    envelope: &Envelope,
    key: &PublicKey,
    expected: &ExpectedApproval<'_>,
) -> Result<Statement<ApprovalPredicate>, ApprovalError> {
    let statement = Statement::<ApprovalPredicate>::verify(envelope, key)?;
    let predicate = &statement.predicate;
    if statement.subject.digest != expected.model_digest {
        return Err(ApprovalError::Digest { expected: expected.model_digest, found: statement.subject.digest });
    }
    if predicate.server != expected.server {
        return Err(ApprovalError::Server(predicate.server.clone()));
    }
    if statement.subject.name != predicate.version_name() {
        return Err(ApprovalError::Name(statement.subject.name));
    }
    if expected.version.is_some_and(|version| version != statement.subject.name) {
        return Err(ApprovalError::Version(statement.subject.name));
    }
    if predicate.decision != Decision::Approved {
        return Err(ApprovalError::Decision(predicate.decision));
    }
    match predicate.not_after {
        Some(not_after) if expected.now >= not_after => Err(ApprovalError::Expired(not_after)),
        _ => Ok(statement),
    }
}

#[cfg(test)]
mod tests;
