//! The gate: the one function that says whether versions may be deployed to an infrastructure, with reasons.
//!
//! Deployer, command line, admission webhooks and registries all ask this function.

use crate::{Digest, StepName, Timestamp, infrastructure::Policy, people::words, signoff::Status};
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

/// A version as the gate sees it at the moment of asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// How the version is named: `PROJECT/MODEL:VERSION`, or its digest where nobody governs it.
    pub name: String,
    /// The model digest of the bytes that would run.
    pub model_digest: Digest,
    /// Whether the version was retired.
    pub retired: bool,
    /// The sign-offs that the version needs before it is deployed, in the order of its workflow; none where nobody governs it.
    pub signoffs: Vec<CandidateSignOff>,
}

/// One sign-off of a version, as far as the gate needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CandidateSignOff {
    /// The step that carries it.
    pub step: StepName,
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
    /// The version was retired.
    Retired,
}

/// One version's part in an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// The version.
    pub version: String,
    /// Its model digest.
    pub model_digest: Digest,
    /// The step of the sign-off that is meant.
    #[serde(skip_serializing_if = "StepName::is_standard", default = "StepName::standard")]
    pub step: StepName,
    /// Where the sign-off stands; none where nobody governs the version.
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
    /// One for each sign-off without an approval in force; empty when every version is in force.
    pub reasons: Vec<Reason>,
    /// The first moment at which one of the approvals in force ends.
    pub not_after: Option<Timestamp>,
}

impl Candidate {
    /// The sign-off that speaks for the version: the first one without an approval in force, or else the first one.
    pub fn first_lacking(&self, now: Timestamp) -> Option<&CandidateSignOff> {
        let lacking = self.signoffs.iter().find(|signoff| self.lack(signoff, now).is_some());
        lacking.or_else(|| self.signoffs.first())
    }

    /// The first moment at which one of its approvals ends.
    fn not_after(&self) -> Option<Timestamp> {
        self.signoffs.iter().filter_map(|signoff| signoff.not_after).min()
    }

    fn lack(&self, signoff: &CandidateSignOff, now: Timestamp) -> Option<Lack> {
        if self.retired {
            Some(Lack::Retired)
        } else if signoff.status != Status::Approved {
            Some(Lack::NotApproved)
        } else if signoff.approved_digest != Some(self.model_digest) {
            Some(Lack::OtherDigest)
        } else if signoff.not_after.is_some_and(|end| end <= now) {
            Some(Lack::PastItsEnd)
        } else {
            None
        }
    }

    /// Why the version is not in force, a reason for each sign-off that lacks something.
    fn reasons(&self, now: Timestamp) -> Vec<Reason> {
        if self.signoffs.is_empty() {
            return vec![Reason {
                version: self.name.clone(),
                model_digest: self.model_digest,
                step: StepName::standard(),
                status: None,
                lack: Lack::NotGoverned,
                missing: "a registered version with these bytes and a final approval of it".to_owned(),
                who_can: Vec::new(),
                link: None,
            }];
        }
        let reason = |signoff: &CandidateSignOff| {
            let lack = self.lack(signoff, now)?;
            let missing = match lack {
                Lack::PastItsEnd => "an approval that has not ended".to_owned(),
                Lack::OtherDigest => "an approval of exactly these bytes".to_owned(),
                Lack::NotApproved | Lack::NotGoverned | Lack::Retired => signoff.missing.clone(),
            };
            Some(Reason {
                version: self.name.clone(),
                model_digest: self.model_digest,
                step: signoff.step.clone(),
                status: Some(signoff.status),
                lack,
                missing,
                who_can: signoff.who_can.clone(),
                link: Some(signoff.link.clone()),
            })
        };
        // Whatever the sign-offs say, one thing is missing of a retired version.
        let counted = if self.retired { 1 } else { self.signoffs.len() };
        self.signoffs.iter().take(counted).filter_map(reason).collect()
    }
}

/// Answers for these versions under this policy. No version at all is a denial: there is nothing that could be approved.
pub fn check(policy: Policy, candidates: &[Candidate], now: Timestamp) -> Answer {
    let (mut reasons, mut not_after) = (Vec::new(), None);
    for candidate in candidates {
        let lacking = candidate.reasons(now);
        if lacking.is_empty() {
            not_after = not_after.into_iter().chain(candidate.not_after()).min();
        }
        reasons.extend(lacking);
    }
    let verdict = match policy {
        _ if candidates.is_empty() => Verdict::Deny,
        _ if reasons.is_empty() => Verdict::Allow,
        Policy::Prevent => Verdict::Deny,
        Policy::Warn => Verdict::Warn,
        Policy::Allow => Verdict::Allow,
    };
    Answer { verdict, policy, reasons, not_after }
}

/// Why a version is not in force, or the first of several reasons; `None` when it is: every sign-off that it needs is approved, not
/// past its end, for exactly these bytes.
pub fn lacking(candidate: &Candidate, now: Timestamp) -> Option<Reason> {
    candidate.reasons(now).into_iter().next()
}
