//! The gate: the one function that says whether versions may be deployed to an infrastructure, with reasons.
//!
//! Deployer, command line, admission webhooks and registries all ask this function.

use crate::{
    Digest, Name, StepName, Timestamp,
    infrastructure::{Acceptance, Policy},
    people::words,
    signoff::Status,
};
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
    /// The project; none where nobody governs the version.
    pub project: Option<Name>,
    /// The sign-offs that the version needs before it is deployed, in the order of its workflow; none where nobody governs it.
    pub signoffs: Vec<CandidateSignOff>,
    /// The last words on the same bytes under other names, where they are rejections or revocations.
    pub same_bytes: Vec<SameBytes>,
    /// Whether the bytes were asked about, and not the version: then the last word under any name counts.
    pub by_digest: bool,
}

/// A rejection or revocation of the same bytes under another name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SameBytes {
    /// The version; none where its name is not to be shown.
    pub version: Option<String>,
    /// Rejected or revoked.
    pub status: Status,
    /// When.
    pub at: Timestamp,
    /// Where to look at it.
    pub link: Option<String>,
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
    /// Whether the server signed the approval that the sign-off shows.
    pub signed: bool,
    /// When the approval was given, where there is one.
    pub approved_at: Option<Timestamp>,
    /// Whether the approver was neither author nor requester.
    pub independent: bool,
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
    /// Approved as the database has it, but the server signed no such approval: somebody altered the database.
    NotSigned,
    /// Approved, but the end has passed.
    PastItsEnd,
    /// Approved for other bytes.
    OtherDigest,
    /// The version was retired.
    Retired,
    /// The infrastructure does not accept approvals of the project.
    ProjectNotAccepted,
    /// The infrastructure wants an approver who was neither author nor requester.
    NotIndependent,
    /// The same bytes were rejected under another name. Counts where the bytes were asked about.
    SameBytesRejected,
    /// The approval of the same bytes was revoked under another name. Counts where the bytes were asked about.
    SameBytesRevoked,
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
    /// One for each sign-off without an approval in force. A version that was asked about by its name is in force although the same bytes
    /// were rejected or revoked under another name: that is named here as well.
    pub reasons: Vec<Reason>,
    /// The first moment at which one of the approvals in force ends.
    pub not_after: Option<Timestamp>,
}

impl Candidate {
    /// The sign-off that speaks for the version: the first one without an approval in force, or else the first one.
    pub fn first_lacking(&self, accepts: &Acceptance, now: Timestamp) -> Option<&CandidateSignOff> {
        let lacking = self.signoffs.iter().find(|signoff| self.lack(signoff, accepts, now).is_some());
        lacking.or_else(|| self.signoffs.first())
    }

    /// The first moment at which one of its approvals ends.
    fn not_after(&self) -> Option<Timestamp> {
        self.signoffs.iter().filter_map(|signoff| signoff.not_after).min()
    }

    fn lack(&self, signoff: &CandidateSignOff, accepts: &Acceptance, now: Timestamp) -> Option<Lack> {
        if self.retired {
            Some(Lack::Retired)
        } else if signoff.status != Status::Approved {
            Some(Lack::NotApproved)
        } else if !signoff.signed {
            Some(Lack::NotSigned)
        } else if signoff.approved_digest != Some(self.model_digest) {
            Some(Lack::OtherDigest)
        } else if signoff.not_after.is_some_and(|end| end <= now) {
            Some(Lack::PastItsEnd)
        } else if self.project.as_ref().is_none_or(|project| !accepts.accepts(project)) {
            Some(Lack::ProjectNotAccepted)
        } else if accepts.independent_approval && !signoff.independent {
            Some(Lack::NotIndependent)
        } else {
            None
        }
    }

    /// Why the version is not in force, a reason for each sign-off that lacks something; asked about bytes, also for each rejection or
    /// revocation of them that is not older than the approval.
    fn reasons(&self, accepts: &Acceptance, now: Timestamp) -> Vec<Reason> {
        if self.signoffs.is_empty() {
            let missing = "a registered version with these bytes and a final approval of it";
            let reason = self.reason(&self.name, Lack::NotGoverned, missing);
            return [reason].into_iter().chain(self.by_digest.then(|| self.other_words()).into_iter().flatten()).collect();
        }
        let reason = |signoff: &CandidateSignOff| {
            let lack = self.lack(signoff, accepts, now)?;
            let missing = match lack {
                Lack::NotSigned => "an approval that this server signed: the database was altered",
                Lack::PastItsEnd => "an approval that has not ended",
                Lack::OtherDigest => "an approval of exactly these bytes",
                Lack::ProjectNotAccepted => "an infrastructure that accepts approvals of this project",
                Lack::NotIndependent => "an approval by somebody who is neither an author nor requested the review",
                _ => &signoff.missing,
            };
            Some(Reason {
                step: signoff.step.clone(),
                status: Some(signoff.status),
                who_can: signoff.who_can.clone(),
                link: Some(signoff.link.clone()),
                ..self.reason(&self.name, lack, missing)
            })
        };
        // Whatever the sign-offs say, one thing is missing of a retired version.
        let counted = if self.retired { 1 } else { self.signoffs.len() };
        let mut reasons: Vec<_> = self.signoffs.iter().take(counted).filter_map(reason).collect();
        if self.by_digest {
            reasons.extend(self.other_words());
        }
        reasons
    }

    /// What else is to be known: asked about a version, its own sign-off decides, and the words on the same bytes are named.
    fn remarks(&self) -> Vec<Reason> {
        if self.by_digest { Vec::new() } else { self.other_words() }
    }

    /// The rejections and revocations of the same bytes that are not older than the approval.
    fn other_words(&self) -> Vec<Reason> {
        let approved_at = self.signoffs.iter().map(|signoff| signoff.approved_at).min().flatten();
        let newer = self.same_bytes.iter().filter(|word| approved_at.is_none_or(|approved| approved <= word.at));
        let reason = |word: &SameBytes| {
            let (lack, missing) = match word.status {
                Status::Revoked => (Lack::SameBytesRevoked, "an approval of these bytes that is newer than the revocation"),
                _ => (Lack::SameBytesRejected, "an approval of these bytes that is newer than the rejection"),
            };
            let name = word.version.as_deref().unwrap_or("a version in another project");
            Reason { status: Some(word.status), link: word.link.clone(), ..self.reason(name, lack, missing) }
        };
        newer.map(reason).collect()
    }

    fn reason(&self, version: &str, lack: Lack, missing: &str) -> Reason {
        Reason {
            version: version.to_owned(),
            model_digest: self.model_digest,
            step: StepName::standard(),
            status: None,
            lack,
            missing: missing.to_owned(),
            who_can: Vec::new(),
            link: None,
        }
    }
}

/// Answers for these versions on an infrastructure with this policy, which accepts these approvals. No version at all is a denial: there
/// is nothing that could be approved.
pub fn check(policy: Policy, accepts: &Acceptance, candidates: &[Candidate], now: Timestamp) -> Answer {
    let (mut reasons, mut not_after) = (Vec::new(), None);
    for candidate in candidates {
        let lacking = candidate.reasons(accepts, now);
        if lacking.is_empty() {
            not_after = not_after.into_iter().chain(candidate.not_after()).min();
        }
        reasons.extend(lacking);
    }
    let verdict = match policy {
        _ if candidates.is_empty() => Verdict::Deny,
        _ if reasons.is_empty() => Verdict::Allow,
        // No policy lets an altered database through.
        _ if reasons.iter().any(|reason| reason.lack == Lack::NotSigned) => Verdict::Deny,
        Policy::Prevent => Verdict::Deny,
        Policy::Warn => Verdict::Warn,
        Policy::Allow => Verdict::Allow,
    };
    reasons.extend(candidates.iter().flat_map(Candidate::remarks));
    Answer { verdict, policy, reasons, not_after }
}

/// Why a version is not in force, or the first of several reasons; `None` when it is: every sign-off that it needs is approved, not
/// past its end, for exactly these bytes, and the infrastructure accepts the approval.
pub fn lacking(candidate: &Candidate, accepts: &Acceptance, now: Timestamp) -> Option<Reason> {
    candidate.reasons(accepts, now).into_iter().next()
}
