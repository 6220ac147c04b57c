//! Infrastructures: their views, and the requests that create them and change their policy.

use super::{Member, schema};
use crate::base::tag::Tag;
use domain::{
    Duration, Name, Timestamp,
    infrastructure::{InfrastructureRole, OnLapse, Policy},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A place to which versions are deployed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Infrastructure {
    /// The name in addresses.
    #[schema(value_type = schema::Name)]
    pub name: Name,
    /// The stage: `development`, `test`, `production` or another name.
    #[schema(value_type = schema::Name)]
    pub stage: Name,
    /// The policy for versions that are not approved: `prevent`, `warn` or `allow`.
    #[schema(value_type = schema::Policy)]
    pub policy: Policy,
    /// What happens to a deployment that goes out of policy: `report` or `disable`.
    #[schema(value_type = schema::OnLapse)]
    pub on_lapse: OnLapse,
    /// The projects whose approvals count, as far as you may see them; absent if approvals of every project count.
    #[schema(value_type = Option<Vec<schema::Name>>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub projects: Option<Vec<Name>>,
    /// Whether the approver must have been neither author nor requester, whatever the project's rules allow.
    pub independent_approval: bool,
    /// How long a permit lasts.
    #[schema(value_type = schema::Duration)]
    pub permit_valid_for: Duration,
    /// The members; absent for callers who may not see the deployments.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub members: Option<Vec<Member>>,
    /// The nodes that refuse the log of this server, for callers who may see the deployments.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub log_refusals: Vec<LogRefusal>,
    /// The number of changes of the policy.
    pub revision: u64,
    /// When the infrastructure was created.
    #[schema(value_type = schema::Timestamp)]
    pub created_at: Timestamp,
}

impl Infrastructure {
    /// The ETag of the present policy, without quotes.
    pub fn etag(&self) -> Tag {
        Tag::Infrastructure(self.revision)
    }
}

/// A node that follows no plan of this server, because the log does not continue what the node saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LogRefusal {
    /// The node.
    #[schema(value_type = schema::Name)]
    pub node: Name,
    /// The reason, in the node's words.
    pub reason: String,
}

/// Creates an infrastructure. The policy has no default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateInfrastructureRequest {
    /// The name in addresses.
    #[schema(value_type = schema::Name)]
    pub name: Name,
    /// The stage.
    #[schema(value_type = schema::Name)]
    pub stage: Name,
    /// The policy: `prevent`, `warn` or `allow`.
    #[schema(value_type = schema::Policy)]
    pub policy: Policy,
    /// What happens to a deployment that goes out of policy: `report` (if absent) or `disable`.
    #[schema(value_type = Option<schema::OnLapse>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub on_lapse: Option<OnLapse>,
    /// The projects whose approvals count; absent for every project.
    #[schema(value_type = Option<Vec<schema::Name>>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub projects: Option<Vec<Name>>,
    /// Whether the approver must have been neither author nor requester, whatever the project's rules allow.
    #[serde(default)]
    pub independent_approval: bool,
    /// How long a permit lasts; a day if absent.
    #[schema(value_type = Option<schema::Duration>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub permit_valid_for: Option<Duration>,
}

/// Changes an infrastructure's policy, and which approvals it accepts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePolicyRequest {
    /// The policy from now on.
    #[schema(value_type = schema::Policy)]
    pub policy: Policy,
    /// What happens from now on to a deployment that goes out of policy; as before if absent.
    #[schema(value_type = Option<schema::OnLapse>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub on_lapse: Option<OnLapse>,
    /// The projects whose approvals count from now on; `null` for every project, as before if absent.
    #[schema(value_type = Option<Vec<schema::Name>>)]
    #[serde(skip_serializing_if = "Option::is_none", default, deserialize_with = "super::present")]
    pub projects: Option<Option<Vec<Name>>>,
    /// Whether the approver must have been neither author nor requester from now on; as before if absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub independent_approval: Option<bool>,
    /// The reason, for the record.
    pub reason: String,
}

/// Gives a user or group a role on an infrastructure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetInfrastructureMemberRequest {
    /// The role: `admin`, `deployer`, `viewer` or `node`.
    #[schema(value_type = schema::InfrastructureRole)]
    pub role: InfrastructureRole,
}
