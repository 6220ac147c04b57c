//! The sign-off of a version and its states, each with its own data.

use super::status::{OpenStatus, Status, Verdict};
use crate::{
    Digest, Name, SlotName, StepName, Timestamp, UserId, VersionId,
    people::Signatory,
    reviewers::{Delegation, Entitlement, Reviewers, Task},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// One version's sign-off in its current round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignOff {
    /// The version.
    pub version: VersionId,
    /// The step of the version's workflow that carries it.
    #[serde(skip_serializing_if = "StepName::is_standard", default = "StepName::standard")]
    pub step: StepName,
    /// The round, from 1.
    pub round: u32,
    /// The people who requested a review of this version, in any round.
    pub requesters: BTreeSet<UserId>,
    /// The authors whom the version named in any round. For the duty rules they stay authors, even if the version names them no more.
    #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
    pub former_authors: BTreeSet<String>,
    /// The accounts that changed the governed fields of the version, at any time. For the duty rules they are authors.
    #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
    pub editors: BTreeSet<UserId>,
    /// The round whose approval this round renews, if it does.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub renews: Option<u32>,
    /// Where it stands.
    pub state: State,
    /// The round that counts beside this one, where there is one. It is kept by itself.
    #[serde(skip)]
    pub beside: Option<Beside>,
}

/// A round that counts beside the present one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Beside {
    /// The present round renews the approval of this one, which goes on until the present round is decided.
    Renewed(Box<SignOff>),
    /// A newer round that was to renew the approval of the present one, and was abandoned or taken back.
    GivenUp(Box<SignOff>),
}

/// Somebody did something, with or without words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// Who.
    pub by: UserId,
    /// Who, as they were named then; none in records from before this was kept.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub signatory: Option<Signatory>,
    /// When.
    pub at: Timestamp,
    /// Why, in their words.
    pub comment: Option<String>,
    /// By which path they were entitled, where they acted as a reviewer.
    pub path: Option<Entitlement>,
}

/// A review from its request on: all that reviewers and approvers see and do in a round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// Who requested it and when.
    pub requested: Act,
    /// Whether feedback was skipped.
    pub skip_feedback: bool,
    /// Whom the request told.
    pub notify: Notify,
    /// Since when it is in its present status.
    pub since: Timestamp,
    /// The reviewers, as the project had them when the review was requested.
    pub reviewers: Reviewers,
    /// Tasks handed on.
    pub delegations: Vec<Delegation>,
    /// Whether a reset handed the reviewers on, instead of the project.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub handed_on: bool,
    /// The step where the version was when the review was requested.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub requested_at: Option<StepName>,
    /// The current answers, one for each reviewer and slot. Earlier ones are in the record.
    pub answers: Vec<Answer>,
    /// Issues that their reviewers withdrew, or answered otherwise later. They stay visible.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub past_issues: Vec<Answer>,
    /// The digest of what reviewers are shown now.
    pub shown: Digest,
    /// The names of the governed fields that changed since the request.
    #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
    pub changed: BTreeSet<String>,
}

/// A reviewer's current feedback in a slot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The slot.
    pub slot: SlotName,
    /// The reviewer.
    pub by: UserId,
    /// Who, as they were named then; none in records from before this was kept.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub signatory: Option<Signatory>,
    /// What they think.
    pub verdict: Verdict,
    /// Why.
    pub comment: Option<String>,
    /// When they said it.
    pub at: Timestamp,
    /// By which path they were entitled.
    pub path: Entitlement,
    /// The digest of what they were shown.
    pub considered: Digest,
}

/// A final approval: what it covers and until when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Who, when, why, by which path.
    pub act: Act,
    /// The end of the approval, if it ends.
    pub not_after: Option<Timestamp>,
    /// The exact bytes that it covers.
    pub model_digest: Digest,
    /// Whether the approver was neither author nor requester, and decided for nobody who was.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub independent: bool,
}

/// The reviewers of a round with their delegations, as a reset hands them to the next round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoundReviewers {
    /// The reviewers of the earlier round.
    pub reviewers: Reviewers,
    /// Their delegations.
    pub delegations: Vec<Delegation>,
}

/// Whom a review request tells.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notify {
    /// Every reviewer.
    #[default]
    All,
    /// Nobody.
    Nobody,
    /// These users.
    Some(Vec<Name>),
}

/// Where a sign-off stands, with what belongs to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case", deny_unknown_fields)]
#[expect(clippy::large_enum_variant, reason = "a sign-off has one state, and a list of states is short")]
pub enum State {
    /// No review was requested in this round.
    NotStarted {
        /// The reviewers that a reset handed on; without them, the review request takes the project's.
        #[serde(rename = "kept")]
        reviewers: Option<RoundReviewers>,
    },
    /// Reviewers give feedback.
    WaitingForFeedback {
        /// The review.
        review: Review,
    },
    /// A final approver decides.
    WaitingForApproval {
        /// The review.
        review: Review,
    },
    /// Approved.
    Approved {
        /// The review as it was decided on.
        review: Review,
        /// The approval.
        approval: Approval,
    },
    /// Rejected.
    Rejected {
        /// The review as it was decided on.
        review: Review,
        /// Who, when, why.
        rejection: Act,
    },
    /// Stopped without a decision.
    Abandoned {
        /// The review as it stood.
        review: Review,
        /// The status to go back to when the abandon is cancelled.
        before: OpenStatus,
        /// Who, when, why.
        abandonment: Act,
    },
    /// Approved once, then taken back: both are kept.
    Revoked {
        /// The review as it was decided on.
        review: Review,
        /// The approval.
        approval: Approval,
        /// Who took it back, when, why.
        revocation: Act,
    },
    /// Approved once, then past its end.
    Expired {
        /// The review as it was decided on.
        review: Review,
        /// The approval.
        approval: Approval,
        /// When the clock found it.
        at: Timestamp,
    },
}

impl State {
    /// The status alone.
    pub const fn status(&self) -> Status {
        match self {
            Self::NotStarted { .. } => Status::NotStarted,
            Self::WaitingForFeedback { .. } => Status::WaitingForFeedback,
            Self::WaitingForApproval { .. } => Status::WaitingForApproval,
            Self::Approved { .. } => Status::Approved,
            Self::Rejected { .. } => Status::Rejected,
            Self::Abandoned { .. } => Status::Abandoned,
            Self::Revoked { .. } => Status::Revoked,
            Self::Expired { .. } => Status::Expired,
        }
    }

    /// The review, once requested.
    pub const fn review(&self) -> Option<&Review> {
        match self {
            Self::NotStarted { .. } => None,
            Self::WaitingForFeedback { review }
            | Self::WaitingForApproval { review }
            | Self::Approved { review, .. }
            | Self::Rejected { review, .. }
            | Self::Abandoned { review, .. }
            | Self::Revoked { review, .. }
            | Self::Expired { review, .. } => Some(review),
        }
    }

    /// An open state of this review.
    pub(super) fn open(status: OpenStatus, review: Review) -> Self {
        match status {
            OpenStatus::WaitingForFeedback => Self::WaitingForFeedback { review },
            OpenStatus::WaitingForApproval => Self::WaitingForApproval { review },
        }
    }

    /// The review of an open state, with its status.
    pub(super) fn into_open(self) -> Option<(OpenStatus, Review)> {
        match self {
            Self::WaitingForFeedback { review } => Some((OpenStatus::WaitingForFeedback, review)),
            Self::WaitingForApproval { review } => Some((OpenStatus::WaitingForApproval, review)),
            _ => None,
        }
    }
}

impl Review {
    /// Whether an answer was given before the governed fields last changed.
    pub fn is_stale(&self, answer: &Answer) -> bool {
        answer.considered != self.shown
    }

    /// Takes an answer back; an issue stays visible.
    pub(super) fn take_back(&mut self, index: usize) -> Verdict {
        let answer = self.answers.remove(index);
        let verdict = answer.verdict;
        if verdict != Verdict::Approve {
            self.past_issues.push(answer);
        }
        verdict
    }

    /// The past issues of a slot.
    pub fn past_issues_in<'a>(&'a self, slot: &'a SlotName) -> impl Iterator<Item = &'a Answer> {
        self.past_issues.iter().filter(move |answer| answer.slot == *slot)
    }

    /// The current answers of a slot.
    pub fn answers_in<'a>(&'a self, slot: &'a SlotName) -> impl Iterator<Item = &'a Answer> {
        self.answers.iter().filter(move |answer| answer.slot == *slot)
    }

    /// Slots without any answer.
    pub fn unanswered(&self) -> impl Iterator<Item = &SlotName> {
        self.reviewers.slots.iter().map(|slot| &slot.name).filter(|slot| self.answers_in(slot).next().is_none())
    }

    /// Whether a current answer is a major issue.
    pub fn has_open_major_issue(&self) -> bool {
        self.answers.iter().any(|answer| answer.verdict == Verdict::MajorIssue)
    }

    /// Issues, minor and major, among the current answers.
    pub fn open_issues(&self) -> usize {
        self.answers.iter().filter(|answer| answer.verdict != Verdict::Approve).count()
    }

    /// Whether the round has this task: every round has the final approval.
    pub fn has_task(&self, task: &Task) -> bool {
        self.reviewers.assigned(task).is_some()
    }
}

impl SignOff {
    /// The sign-off of a new version on a step: round 1, not started.
    pub fn new(version: VersionId, step: StepName) -> Self {
        Self {
            version,
            step,
            round: 1,
            requesters: BTreeSet::new(),
            former_authors: BTreeSet::new(),
            editors: BTreeSet::new(),
            renews: None,
            state: State::NotStarted { reviewers: None },
            beside: None,
        }
    }

    /// Where it stands, without what it carries.
    pub fn status(&self) -> Status {
        self.state.status()
    }

    /// Whether the version is locked: no step, field, file or reviewer of it changes until a reset.
    pub fn is_locked(&self) -> bool {
        matches!(self.status(), Status::Rejected | Status::Abandoned)
    }

    /// Since when the round has its status; unknown before a review is requested.
    pub fn since(&self) -> Option<Timestamp> {
        match &self.state {
            State::NotStarted { .. } => None,
            State::WaitingForFeedback { review } | State::WaitingForApproval { review } => Some(review.since),
            State::Approved { approval, .. } => Some(approval.act.at),
            State::Rejected { rejection, .. } => Some(rejection.at),
            State::Abandoned { abandonment, .. } => Some(abandonment.at),
            State::Revoked { revocation, .. } => Some(revocation.at),
            State::Expired { at, .. } => Some(*at),
        }
    }

    /// The running or finished review; none before it is requested.
    pub fn review(&self) -> Option<&Review> {
        self.state.review()
    }

    /// The reviewers of the round: its own, those that a reset handed on, or else the project's.
    pub fn reviewers<'a>(&'a self, of_project: &'a Reviewers) -> &'a Reviewers {
        match &self.state {
            State::NotStarted { reviewers: Some(handed_on) } => &handed_on.reviewers,
            state => state.review().map_or(of_project, |review| &review.reviewers),
        }
    }
}
