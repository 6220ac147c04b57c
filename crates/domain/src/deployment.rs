//! Deployments: which versions a service serves, with which weights, and whether the versions may go on.

use crate::{
    Timestamp, VersionId,
    gate::{Answer, Reason, Verdict},
    infrastructure::{OnLapse, Policy},
    people::words,
    signoff::Act,
    text,
};
use serde::{Deserialize, Serialize};

/// Somebody said that a service is known to be out of policy, and tolerated for a while. It counts while the service stays out of policy for
/// the same reasons.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LapseAcknowledgement {
    /// The revision in force then.
    pub revision: u32,
    /// Why its versions were out of policy, each in a sentence.
    pub because: Vec<String>,
    /// Who said so, when and why.
    pub act: Act,
    /// The end of it.
    pub until: Timestamp,
}

impl LapseAcknowledgement {
    /// Whether it counts for a service of this revision that is out of policy for these reasons.
    pub fn counts(&self, revision: u32, because: &[String], now: Timestamp) -> bool {
        self.revision == revision && self.because == because && now < self.until
    }
}

/// One version of a revision and its share of the requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Share {
    /// The version.
    pub version: VersionId,
    /// Its part of the requests in percent, 1 to 100.
    pub weight: u8,
}

/// The shares of a revision: at least one, no version twice, together 100. Keeps the order in which they were given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Traffic(Vec<Share>);

/// What is wrong with the shares.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TrafficError {
    /// No share at all.
    #[error("name at least one version")]
    Empty,
    /// A share of nothing.
    #[error("a weight of 0 serves nothing: leave the version out")]
    Zero,
    /// The same version again.
    #[error("the same version is named twice")]
    Twice,
    /// Not 100.
    #[error("the weights add up to {0}, not to 100")]
    Sum(u32),
}

impl Traffic {
    /// Checks the shares.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn new(shares: Vec<Share>) -> Result<Self, TrafficError> {
        if shares.is_empty() {
            return Err(TrafficError::Empty);
        }
        if shares.iter().any(|share| share.weight == 0) {
            return Err(TrafficError::Zero);
        }
        if shares.iter().enumerate().any(|(index, share)| shares[..index].iter().any(|other| other.version == share.version)) {
            return Err(TrafficError::Twice);
        }
        match shares.iter().map(|share| u32::from(share.weight)).sum() {
            100 => Ok(Self(shares)),
            sum => Err(TrafficError::Sum(sum)),
        }
    }

    /// The shares in their order.
    pub fn shares(&self) -> &[Share] {
        &self.0
    }
}

/// What made a revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RevisionKind {
    /// Versions and weights were named.
    Deploy,
    /// An earlier revision was taken up again.
    Rollback,
    /// The service was taken out of service; the revision has no shares.
    Stop,
}

/// On what ground a version of a revision was let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Its approval was in force.
    Approved,
    /// It was not, and somebody acknowledged that with a reason.
    Acknowledged,
    /// It was not, and the policy allows that.
    Unapproved,
}

/// Whether a version of the revision in service may still serve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicyStanding {
    /// As the policy wants it.
    InPolicy,
    /// What it rested on has lapsed, or the policy was tightened; it goes on.
    OutOfPolicy,
    /// The same, and the infrastructure takes such versions out of service.
    Disabled,
}

words! {
    RevisionKind { Deploy = "deploy", Rollback = "rollback", Stop = "stop" }
    Basis { Approved = "approved", Acknowledged = "acknowledged", Unapproved = "unapproved" }
    PolicyStanding { InPolicy = "in_policy", OutOfPolicy = "out_of_policy", Disabled = "disabled" }
}

/// What a deployment makes of the gate's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Admission {
    /// Go on; a warned version rests on this acknowledgement.
    Admitted {
        /// The typed reason, where the gate warned.
        acknowledgement: Option<String>,
    },
    /// The gate warns, and nobody has acknowledged it with a reason.
    NeedsAcknowledgement,
    /// The gate denies.
    Denied,
}

/// Weighs the gate's answer with the acknowledgement that came along. A blank reason is none: a warning without a reason is a denial.
pub fn admit(answer: &Answer, acknowledgement: Option<&str>) -> Admission {
    let reason = acknowledgement.and_then(text::visible);
    match (answer.verdict, reason) {
        (Verdict::Allow, _) => Admission::Admitted { acknowledgement: None },
        (Verdict::Warn, Some(reason)) => Admission::Admitted { acknowledgement: Some(reason.to_owned()) },
        (Verdict::Warn, None) => Admission::NeedsAcknowledgement,
        (Verdict::Deny, _) => Admission::Denied,
    }
}

/// The ground on which an admitted version goes into service.
pub fn basis(answer: &Answer, lacking: bool) -> Basis {
    match (lacking, answer.policy) {
        (false, _) => Basis::Approved,
        (true, Policy::Warn) => Basis::Acknowledged,
        (true, Policy::Allow | Policy::Prevent) => Basis::Unapproved,
    }
}

/// Whether a version that went into service on this ground needs an approval in force to go on under this policy.
pub fn needs_approval(basis: Basis, policy: Policy) -> bool {
    match basis {
        // It went into service as approved, so a lapse counts whatever the policy is.
        Basis::Approved => true,
        Basis::Acknowledged => policy == Policy::Prevent,
        Basis::Unapproved => policy != Policy::Allow,
    }
}

/// Whether a version in service may go on, given what it rested on and what it lacks now.
pub fn standing(basis: Basis, lacking: Option<&Reason>, policy: Policy, on_lapse: OnLapse) -> PolicyStanding {
    let still_covered = lacking.is_none() || !needs_approval(basis, policy);
    match (still_covered, on_lapse) {
        (true, _) => PolicyStanding::InPolicy,
        (false, OnLapse::Report) => PolicyStanding::OutOfPolicy,
        (false, OnLapse::Disable) => PolicyStanding::Disabled,
    }
}
