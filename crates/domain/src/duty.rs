//! A project's rules. Separation of duties: who is barred from the final approval, whatever group, role or delegation would entitle them.

use crate::{Duration, UserId, authors::Authors, comparison::MetricDirections, people::Person, work_days::WorkDays};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A project's rules on who may decide and for how long, and on what is good. The default is the strict one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProjectRules {
    /// Authors of a version may approve it.
    pub author_may_approve: bool,
    /// The person who requested the review may approve the version.
    pub requester_may_approve: bool,
    /// Reviewers may delegate.
    pub delegation_allowed: bool,
    /// How long an approval holds at the most; none means until it is revoked.
    pub approval_valid_for: Option<Duration>,
    /// Within how many work days feedback is expected; none means that nobody is reminded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feedback_due_after: Option<WorkDays>,
    /// Within how many work days the final approval is expected, once it was asked for; none means that nobody is reminded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval_due_after: Option<WorkDays>,
    /// How long before the end of an approval the clock opens its renewal; none means that somebody has to ask for each renewal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renew_before: Option<Duration>,
    /// Whether a renewal that the clock opens keeps the reviewers of the round before, instead of the project's present ones.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub renewal_keeps_reviewers: bool,
    /// Which values of its metrics are good, where the names do not say it.
    #[serde(default, skip_serializing_if = "MetricDirections::is_empty")]
    pub metrics: MetricDirections,
}

impl Default for ProjectRules {
    fn default() -> Self {
        Self {
            author_may_approve: false,
            requester_may_approve: false,
            delegation_allowed: true,
            approval_valid_for: None,
            feedback_due_after: None,
            approval_due_after: None,
            renew_before: None,
            renewal_keeps_reviewers: false,
            metrics: MetricDirections::default(),
        }
    }
}

/// Why a person may not give the final approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bar {
    /// The person is an author of the version.
    Author,
    /// The person changed governed fields of the version.
    Editor,
    /// The person requested a review of the version, in this round or an earlier one.
    Requester,
}

impl Bar {
    /// The bar in words, about "you".
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Author => "you are an author of this version, and this project does not let authors approve",
            Self::Editor => "you changed fields of this version, and this project does not let authors approve",
            Self::Requester => "you requested the review of this version, and this project does not let requesters approve",
        }
    }
}

/// The duty rule that bars a person from the final approval, if one does.
///
/// Requesters of earlier rounds count: otherwise a reset would let somebody approve on a second try what they requested.
pub fn bar(person: &Person, authors: &Authors, requesters: &BTreeSet<UserId>, rules: &ProjectRules) -> Option<Bar> {
    if !rules.author_may_approve && authors.include(person) {
        Some(if authors.made_by(person) { Bar::Author } else { Bar::Editor })
    } else if !rules.requester_may_approve && requesters.contains(&person.id) {
        Some(Bar::Requester)
    } else {
        None
    }
}
