//! Projects, their members and reviewers, and models.

use super::present;
use domain::{DisplayName, Duration, Name, SlotName, Timestamp, duty::ProjectRules, people::ProjectRole};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A governed project.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Project {
    /// Its name in addresses.
    #[schema(value_type = String)]
    pub name: Name,
    /// The name to show.
    #[schema(value_type = String)]
    pub display_name: DisplayName,
    /// Its duty rules.
    #[schema(value_type = Object)]
    pub rules: ProjectRules,
    /// Its reviewers.
    pub reviewers: Reviewers,
    /// Its members.
    pub members: Vec<Member>,
    /// Counts the changes of rules and reviewers.
    pub revision: u64,
    /// When it was created.
    #[schema(value_type = String)]
    pub created_at: Timestamp,
}

impl Project {
    /// The tag of its present rules and reviewers, without quotes.
    pub fn etag(&self) -> String {
        format!("p{}", self.revision)
    }
}

/// One member and its role.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Member {
    /// `user:NAME` or `group:NAME`.
    pub member: String,
    /// The role.
    pub role: String,
}

/// Who reviews the versions of a project.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Reviewers {
    /// The feedback slots.
    pub slots: Vec<Slot>,
    /// Who may give the final approval: `user:NAME`, `group:NAME`, `role:NAME`.
    pub approvers: Vec<String>,
    /// What could keep a review from being passed: slots or a final approval that nobody can fill now.
    pub warnings: Vec<String>,
    /// Counts the changes of rules and reviewers.
    pub revision: u64,
}

impl Reviewers {
    /// The tag of the project's present rules and reviewers, without quotes.
    pub fn etag(&self) -> String {
        format!("p{}", self.revision)
    }
}

/// One feedback slot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Slot {
    /// Its name.
    #[schema(value_type = String)]
    pub name: SlotName,
    /// Whom it is assigned to: `user:NAME`, `group:NAME`, `role:NAME`.
    pub assigned: Vec<String>,
}

/// Creates a project.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateProjectRequest {
    /// Its name in addresses.
    #[schema(value_type = String)]
    pub name: Name,
    /// The name to show; the name itself where none is given.
    #[schema(value_type = Option<String>)]
    #[serde(default)]
    pub display_name: Option<DisplayName>,
}

/// Gives a user or group a role in a project.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetProjectMemberRequest {
    /// The role.
    #[schema(value_type = String)]
    pub role: ProjectRole,
}

/// Changes a project's duty rules. What is absent stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeProjectRequest {
    /// Whether authors of a version may approve it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub author_may_approve: Option<bool>,
    /// Whether whoever requested the review may approve.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub requester_may_approve: Option<bool>,
    /// Whether reviewers may delegate.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub delegation_allowed: Option<bool>,
    /// How long an approval holds at the most, like `180d`; null means until it is revoked.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none", default, deserialize_with = "present")]
    pub approval_valid_for: Option<Option<Duration>>,
}

/// Sets a project's reviewers, for reviews requested from now on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetReviewersRequest {
    /// The feedback slots, in the order in which they are shown; at most 20.
    pub slots: Vec<Slot>,
    /// Who may give the final approval: `user:NAME`, `group:NAME`, `role:NAME`.
    pub approvers: Vec<String>,
}

/// A registered model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Model {
    /// The project.
    #[schema(value_type = String)]
    pub project: Name,
    /// Its name in addresses.
    #[schema(value_type = String)]
    pub name: Name,
    /// The number of its newest version; absent while it has none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub latest_version: Option<u32>,
    /// When it was registered.
    #[schema(value_type = String)]
    pub created_at: Timestamp,
}

/// Registers a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateModelRequest {
    /// Its name in addresses.
    #[schema(value_type = String)]
    pub name: Name,
}
