//! The slots of a sign-off at a glance: the strip in lists.

use super::schema;
use domain::{
    reviewers::{Reviewers, Slot},
    signoff::{SignOff, Verdict},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What stands in a slot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SlotMark {
    /// The slot.
    pub name: String,
    /// The worst answer that is not stale; absent where there is none.
    #[schema(value_type = Option<schema::Verdict>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub verdict: Option<Verdict>,
    /// Whether all answers are stale.
    pub is_stale: bool,
}

impl SlotMark {
    /// The slots of a sign-off in their order; of the project's present reviewers while no review was requested.
    pub(crate) fn all(signoff: &SignOff, of_project: &Reviewers) -> Vec<Self> {
        signoff.reviewers(of_project).slots.iter().map(|slot| Self::of(signoff, slot)).collect()
    }

    fn of(signoff: &SignOff, slot: &Slot) -> Self {
        let answers =
            signoff.review().into_iter().flat_map(|review| review.answers_in(&slot.name).map(move |answer| (review, answer)));
        let answers: Vec<_> = answers.collect();
        let current = answers.iter().filter(|(review, answer)| !review.is_stale(answer)).map(|(_, answer)| answer.verdict);
        let verdict = current.max_by_key(|verdict| match verdict {
            Verdict::Approve => 0,
            Verdict::MinorIssue => 1,
            Verdict::MajorIssue => 2,
        });
        Self { name: slot.name.to_string(), is_stale: verdict.is_none() && !answers.is_empty(), verdict }
    }
}
