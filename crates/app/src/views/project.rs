//! Projects, their members and reviewers, and models.

use super::{OpenRound, present, schema};
use crate::base::tag::Tag;
use domain::{
    DisplayName, Duration, Name, SlotName, Timestamp, comparison::Direction, duty::ProjectRules, people::ProjectRole,
    work_days::WorkDays,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A governed project.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Project {
    /// The name in addresses.
    #[schema(value_type = schema::Name)]
    pub name: Name,
    /// The display name.
    #[schema(value_type = schema::DisplayName)]
    pub display_name: DisplayName,
    /// The duty rules.
    #[schema(value_type = Object)]
    pub rules: ProjectRules,
    /// The reviewers.
    pub reviewers: Reviewers,
    /// The members.
    pub members: Vec<Member>,
    /// The number of changes of rules and reviewers.
    pub revision: u64,
    /// When the project was created.
    #[schema(value_type = schema::Timestamp)]
    pub created_at: Timestamp,
    /// After a change: open rounds that nobody can approve now. A project manager names a final approver, then reloads the reviewers of the round.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub without_approver: Vec<OpenRound>,
}

impl Project {
    /// The ETag of the present rules and reviewers, without quotes.
    pub fn etag(&self) -> Tag {
        Tag::Project(self.revision)
    }
}

/// A member and its role.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Member {
    /// `user:NAME` or `group:NAME`.
    pub member: String,
    /// The display name of a user; absent for a group.
    #[schema(value_type = Option<schema::DisplayName>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub display_name: Option<DisplayName>,
    /// The role.
    pub role: String,
}

/// The reviewers of a project.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Reviewers {
    /// The feedback slots.
    pub slots: Vec<Slot>,
    /// The final approvers: `user:NAME`, `group:NAME`, `role:NAME`.
    pub approvers: Vec<String>,
    /// Warnings: slots, or a final approval, that nobody can fill now.
    pub warnings: Vec<String>,
    /// The number of changes of rules and reviewers.
    pub revision: u64,
    /// After a change: open rounds that nobody can approve now. A project manager names a final approver, then reloads the reviewers of the round.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub without_approver: Vec<OpenRound>,
}

impl Reviewers {
    /// The ETag of the project's present rules and reviewers, without quotes.
    pub fn etag(&self) -> Tag {
        Tag::Project(self.revision)
    }
}

/// A feedback slot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Slot {
    /// The slot's name.
    #[schema(value_type = schema::SlotName)]
    pub name: SlotName,
    /// The reviewers of the slot: `user:NAME`, `group:NAME`, `role:NAME`.
    pub assigned: Vec<String>,
}

/// Creates a project.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateProjectRequest {
    /// The name in addresses.
    #[schema(value_type = schema::Name)]
    pub name: Name,
    /// The display name; the name if absent.
    #[schema(value_type = Option<schema::DisplayName>)]
    #[serde(default)]
    pub display_name: Option<DisplayName>,
}

/// Gives a user or group a role in a project.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetProjectMemberRequest {
    /// The role.
    #[schema(value_type = schema::ProjectRole)]
    pub role: ProjectRole,
}

/// Changes a project's rules, with a reason. Absent rules stay.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeProjectRequest {
    /// Whether authors of a version may approve it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub author_may_approve: Option<bool>,
    /// Whether the person who requested the review may approve.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub requester_may_approve: Option<bool>,
    /// Whether reviewers may delegate.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub delegation_allowed: Option<bool>,
    /// How long an approval holds at most, like `180d`; null means until it is revoked.
    #[schema(value_type = Option<schema::Duration>)]
    #[serde(skip_serializing_if = "Option::is_none", default, deserialize_with = "present")]
    pub approval_valid_for: Option<Option<Duration>>,
    /// Within how many work days (Monday to Friday, UTC) feedback is expected, from 1 to 250; null reminds nobody.
    #[schema(value_type = Option<u16>)]
    #[serde(skip_serializing_if = "Option::is_none", default, deserialize_with = "present")]
    pub feedback_due_after: Option<Option<WorkDays>>,
    /// Within how many work days the final approval is expected, once it was asked for; null reminds nobody.
    #[schema(value_type = Option<u16>)]
    #[serde(skip_serializing_if = "Option::is_none", default, deserialize_with = "present")]
    pub approval_due_after: Option<Option<WorkDays>>,
    /// How long before the end of an approval the clock opens its renewal, like `30d`; null opens none.
    #[schema(value_type = Option<schema::Duration>)]
    #[serde(skip_serializing_if = "Option::is_none", default, deserialize_with = "present")]
    pub renew_before: Option<Option<Duration>>,
    /// Whether a renewal that the clock opens keeps the reviewers of the round before, instead of the project's present ones.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub renewal_keeps_reviewers: Option<bool>,
    /// Which values of its metrics are good, by name: `higher`, `lower`, or `unknown`, which judges no change. Replaces what was said before; other
    /// metrics are judged by well-known words in their names.
    #[schema(value_type = Option<BTreeMap<String, schema::Direction>>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub metrics: Option<BTreeMap<String, Direction>>,
    /// Why the rules change; required for a change. The record keeps the reason.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
}

/// Sets a project's reviewers, for later review requests.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetReviewersRequest {
    /// The feedback slots, in the order of display; at most 20.
    pub slots: Vec<Slot>,
    /// The final approvers: `user:NAME`, `group:NAME`, `role:NAME`.
    pub approvers: Vec<String>,
}

/// A registered model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Model {
    /// The project.
    #[schema(value_type = schema::Name)]
    pub project: Name,
    /// The name in addresses.
    #[schema(value_type = schema::Name)]
    pub name: Name,
    /// The name for people, where the model has one.
    #[schema(value_type = Option<schema::DisplayName>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub display_name: Option<DisplayName>,
    /// The number of the newest version; absent without versions.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub latest_version: Option<u32>,
    /// When the model was registered.
    #[schema(value_type = schema::Timestamp)]
    pub created_at: Timestamp,
}

/// Registers a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateModelRequest {
    /// The name in addresses.
    #[schema(value_type = schema::Name)]
    pub name: Name,
    /// A name for people.
    #[schema(value_type = Option<schema::DisplayName>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub display_name: Option<DisplayName>,
}
