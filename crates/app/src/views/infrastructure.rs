//! Infrastructures: what is seen of them, and what is said to create them and to change their policy.

use super::Member;
use domain::{
    Duration, Name, Timestamp,
    infrastructure::{InfrastructureRole, OnLapse, Policy},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A place to which versions are deployed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Infrastructure {
    /// Its name in addresses.
    #[schema(value_type = String)]
    pub name: Name,
    /// Its stage: `development`, `test`, `production` or another name.
    #[schema(value_type = String)]
    pub stage: Name,
    /// What it does with versions that are not approved: `prevent`, `warn` or `allow`.
    #[schema(value_type = String)]
    pub policy: Policy,
    /// What happens to a running deployment when its approval lapses: `report` or `disable`.
    #[schema(value_type = String)]
    pub on_lapse: OnLapse,
    /// How long a permit lasts.
    #[schema(value_type = String)]
    pub permit_valid_for: Duration,
    /// Its members; absent for those who may not see its deployments.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub members: Option<Vec<Member>>,
    /// Counts the changes of the policy.
    pub revision: u64,
    /// When it was created.
    #[schema(value_type = String)]
    pub created_at: Timestamp,
}

impl Infrastructure {
    /// The tag of its present policy, without quotes.
    pub fn etag(&self) -> String {
        format!("i{}", self.revision)
    }
}

/// Creates an infrastructure. Its policy has no default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateInfrastructureRequest {
    /// Its name in addresses.
    #[schema(value_type = String)]
    pub name: Name,
    /// Its stage.
    #[schema(value_type = String)]
    pub stage: Name,
    /// Its policy: `prevent`, `warn` or `allow`.
    #[schema(value_type = String)]
    pub policy: Policy,
    /// What a lapse does: `report`, where absent, or `disable`.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub on_lapse: Option<OnLapse>,
    /// How long a permit lasts; a day where absent.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub permit_valid_for: Option<Duration>,
}

/// Changes an infrastructure's policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePolicyRequest {
    /// The policy from now on.
    #[schema(value_type = String)]
    pub policy: Policy,
    /// What a lapse does from now on; as before where absent.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub on_lapse: Option<OnLapse>,
    /// Why; kept in the record.
    pub reason: String,
}

/// Gives a user or group a role on an infrastructure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetInfrastructureMemberRequest {
    /// The role: `admin`, `deployer`, `viewer` or `node`.
    #[schema(value_type = String)]
    pub role: InfrastructureRole,
}
