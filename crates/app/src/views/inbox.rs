//! The inbox: what waits for the caller.

use super::{SlotMark, schema};
use domain::{StepName, Timestamp, VersionRef, signoff::Status, turn::Expected};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What waits for the caller, by task.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Inbox {
    /// Give the final approval.
    pub decide: Vec<InboxItem>,
    /// Give feedback.
    pub give_feedback: Vec<InboxItem>,
    /// Look at stale answers, request the next step, or request a review again.
    pub answer: Vec<InboxItem>,
    /// What the caller requested and others have to do.
    pub waiting_on_others: Vec<InboxItem>,
    /// Decisions of the last two weeks in which the caller took part.
    pub recently_decided: Vec<InboxItem>,
    /// Whether a list is cut off: each has at most 100 items.
    pub more: bool,
    /// The number of items, listed or not. What was decided lately is counted as far as it is listed.
    pub counts: InboxCounts,
}

impl Inbox {
    /// How many items of each kind are listed at most.
    pub const LISTED: usize = 100;
}

/// The numbers of items in an inbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InboxCounts {
    /// Reviews to decide.
    pub decide: u64,
    /// Reviews that wait for feedback.
    pub give_feedback: u64,
    /// Reviews that wait for an answer.
    pub answer: u64,
    /// Reviews that wait for others.
    pub waiting_on_others: u64,
    /// Reviews decided in the last two weeks, as many as are listed.
    pub recently_decided: u64,
}

/// A version in an inbox.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct InboxItem {
    /// `PROJECT/MODEL:VERSION`.
    #[schema(value_type = schema::VersionRef)]
    pub version: VersionRef,
    /// The step of the workflow that carries the sign-off.
    #[schema(value_type = schema::StepName)]
    pub step: StepName,
    /// The sign-off's status.
    #[schema(value_type = schema::Status)]
    pub status: Status,
    /// The task.
    #[schema(value_type = Option<schema::Expected>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expected: Option<Expected>,
    /// The slot.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub slot: Option<String>,
    /// Why.
    pub why: String,
    /// The display name of who requested the review, as it was then; absent where no review is requested.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub requested_by: Option<String>,
    /// Since when the version waits.
    #[schema(value_type = Option<schema::Timestamp>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub since: Option<Timestamp>,
    /// By when an answer is expected, where the project's rules say so.
    #[schema(value_type = Option<schema::Timestamp>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub due: Option<Timestamp>,
    /// What stands in each slot.
    pub slots: Vec<SlotMark>,
    /// The display names of others who can, or have to, act.
    pub people: Vec<String>,
    /// The version's page.
    pub link: String,
}
