//! The gate: the one function that says whether versions may be deployed to an infrastructure, with reasons.
//!
//! Deployer, command line, admission webhooks and registries all ask this function.

use crate::{Digest, Timestamp, infrastructure::Policy, people::words, signoff::Status};
use serde::{Deserialize, Serialize};

/// The gate's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Go on.
    Allow,
    /// Go on only with an acknowledgement and a typed reason.
    Warn,
    /// Do not.
    Deny,
}

words! { Verdict { Allow = "allow", Warn = "warn", Deny = "deny" } }

/// What is known about one version at the moment of asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// How the version is named: `PROJECT/MODEL:VERSION`, or its digest where nobody governs it.
    pub name: String,
    /// The model digest of the bytes that would run.
    pub model_digest: Digest,
    /// The sign-off; none where nobody governs the version.
    pub governed: Option<Governed>,
}

/// The sign-off of a governed version, as far as the gate needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Governed {
    /// Where it stands.
    pub status: Status,
    /// The round.
    pub round: u32,
    /// What the approval covers, where there is one.
    pub approved_digest: Option<Digest>,
    /// When the approval ends, if it does.
    pub not_after: Option<Timestamp>,
    /// What is still missing, in words: "the final approval".
    pub missing: String,
    /// Display names of those who can act on it now.
    pub who_can: Vec<String>,
    /// Where to look at it.
    pub link: String,
}

/// Why a version is not in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lack {
    /// No governed version has these bytes.
    NotGoverned,
    /// The status is not approved.
    NotApproved,
    /// Approved, but the end has passed.
    PastItsEnd,
    /// Approved for other bytes.
    OtherDigest,
}

/// One version's part in an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// The version.
    pub version: String,
    /// Its model digest.
    pub model_digest: Digest,
    /// Where its sign-off stands; none where nobody governs it.
    pub status: Option<Status>,
    /// Why it is not in force.
    pub lack: Lack,
    /// What is missing, in words.
    pub missing: String,
    /// Who can act.
    pub who_can: Vec<String>,
    /// Where.
    pub link: Option<String>,
}

/// The gate's answer with all that belongs to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The answer.
    pub verdict: Verdict,
    /// The policy in force when it was given.
    pub policy: Policy,
    /// One for each version that is not in force; empty when all are.
    pub reasons: Vec<Reason>,
    /// The first moment at which one of the approvals in force ends.
    pub not_after: Option<Timestamp>,
}

/// Answers for these versions under this policy. No version at all is a denial: there is nothing that could be approved.
pub fn check(policy: Policy, candidates: &[Candidate], now: Timestamp) -> Answer {
    let reasons: Vec<_> = candidates.iter().filter_map(|candidate| lacking(candidate, now)).collect();
    let in_force = candidates.iter().filter(|candidate| lacking(candidate, now).is_none());
    let not_after = in_force.filter_map(|candidate| candidate.governed.as_ref()?.not_after).min();
    let verdict = match policy {
        _ if candidates.is_empty() => Verdict::Deny,
        _ if reasons.is_empty() => Verdict::Allow,
        Policy::Prevent => Verdict::Deny,
        Policy::Warn => Verdict::Warn,
        Policy::Allow => Verdict::Allow,
    };
    Answer { verdict, policy, reasons, not_after }
}

/// Why a version is not in force; `None` when it is: approved, not past its end, for exactly these bytes.
pub fn lacking(candidate: &Candidate, now: Timestamp) -> Option<Reason> {
    let Some(governed) = &candidate.governed else {
        return Some(Reason {
            version: candidate.name.clone(),
            model_digest: candidate.model_digest,
            status: None,
            lack: Lack::NotGoverned,
            missing: "a registered version with these bytes and a final approval of it".to_owned(),
            who_can: Vec::new(),
            link: None,
        });
    };
    let lack = if governed.status != Status::Approved {
        Lack::NotApproved
    } else if governed.approved_digest != Some(candidate.model_digest) {
        Lack::OtherDigest
    } else if governed.not_after.is_some_and(|end| end <= now) {
        Lack::PastItsEnd
    } else {
        return None;
    };
    let missing = match lack {
        Lack::PastItsEnd => "an approval that has not ended".to_owned(),
        Lack::OtherDigest => "an approval of exactly these bytes".to_owned(),
        _ => governed.missing.clone(),
    };
    Some(Reason {
        version: candidate.name.clone(),
        model_digest: candidate.model_digest,
        status: Some(governed.status),
        lack,
        missing,
        who_can: governed.who_can.clone(),
        link: Some(governed.link.clone()),
    })
}
