//! What the pages of infrastructures show: lists, earlier policies, the answers of the gate, and what a change of the policy would do.

use super::{Deployment, GateAnswer, Infrastructure, Node, schema};
use crate::base::tag::Tag;
use domain::{
    Digest, Name, Timestamp, VersionRef,
    deployment::PolicyStanding,
    gate,
    infrastructure::{OnLapse, Policy},
    signoff::Status,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// An infrastructure in a list.
#[derive(Clone, Debug, PartialEq)]
pub struct InfrastructureSummary {
    /// The infrastructure.
    pub infrastructure: Infrastructure,
    /// The deployments, those out of policy first; absent for callers who may not see them.
    pub deployments: Option<Vec<Deployment>>,
}

impl InfrastructureSummary {
    /// The deployments out of policy.
    pub fn out_of_policy(&self) -> impl Iterator<Item = &Deployment> {
        self.deployments.iter().flatten().filter(|deployment| deployment.is_out_of_policy())
    }

    /// Whether a deployment is out of policy that nobody has acknowledged.
    pub fn needs_attention(&self) -> bool {
        self.out_of_policy().any(Deployment::needs_attention)
    }

    /// How many services are in service; stopped ones are not.
    pub fn services(&self) -> usize {
        self.deployments.iter().flatten().filter(|deployment| !deployment.revision.shares.is_empty()).count()
    }
}

/// An infrastructure with all that its page shows.
#[derive(Clone, Debug, PartialEq)]
pub struct InfrastructureOverview {
    /// The infrastructure.
    pub infrastructure: Infrastructure,
    /// The deployments, those out of policy first; absent for callers who may not see them.
    pub deployments: Option<Vec<Deployment>>,
    /// The nodes, for callers who may see the deployments.
    pub nodes: Vec<Node>,
    /// The projects of the versions in service that the caller may read.
    pub readable: BTreeSet<Name>,
    /// Whether the caller may deploy, roll back and stop.
    pub may_deploy: bool,
    /// Whether the caller may change policy and members.
    pub may_manage: bool,
}

impl InfrastructureOverview {
    /// The deployments out of policy.
    pub fn out_of_policy(&self) -> impl Iterator<Item = &Deployment> {
        self.deployments.iter().flatten().filter(|deployment| deployment.is_out_of_policy())
    }

    /// Whether a deployment is out of policy that nobody has acknowledged.
    pub fn needs_attention(&self) -> bool {
        self.out_of_policy().any(Deployment::needs_attention)
    }

    /// How many nodes reported a short while ago.
    pub fn alive(&self) -> usize {
        self.nodes.iter().filter(|node| node.alive).count()
    }
}

/// A policy of an infrastructure, from one change to the next one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PolicyPeriod {
    /// The policy.
    #[schema(value_type = schema::Policy)]
    pub policy: Policy,
    /// What happened to a deployment that went out of policy.
    #[schema(value_type = schema::OnLapse)]
    pub on_lapse: OnLapse,
    /// Whether this policy let through more than the policy before.
    pub weakened: bool,
    /// The reason of the change, as typed; absent for the first policy.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
    /// Who set this policy, by the display name of that time.
    pub by: String,
    /// When this policy began.
    #[schema(value_type = schema::Timestamp)]
    pub since: Timestamp,
    /// When the next policy began; absent for the present policy.
    #[schema(value_type = Option<schema::Timestamp>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub until: Option<Timestamp>,
}

/// What became of a question to the gate of an infrastructure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Every version was in force.
    Allowed,
    /// The policy lets through what is not approved.
    AllowedUnapproved,
    /// The gate warned, and nobody acknowledged the warning.
    Warned,
    /// The gate warned, and somebody went on with a reason.
    Acknowledged,
    /// The gate denied.
    Denied,
    /// The service was stopped: nothing asks the gate.
    Stopped,
}

/// An answer of the gate of an infrastructure, as the record keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct GateLogEntry {
    /// The position in the record.
    pub position: u64,
    /// When the gate answered.
    #[schema(value_type = schema::Timestamp)]
    pub at: Timestamp,
    /// Who asked, by the display name of that time.
    pub by: String,
    /// The account of that time; absent where no account asked.
    #[schema(value_type = Option<schema::Name>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub account: Option<Name>,
    /// What became of the question.
    pub outcome: Outcome,
    /// The service; absent for a deployment by other means than this server.
    #[schema(value_type = Option<schema::Name>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub service: Option<Name>,
    /// The revision that was made.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub revision: Option<u32>,
    /// The versions that were asked for, by name or by digest.
    pub versions: Vec<String>,
    /// What was missing of each version that was not in force, in words.
    pub missing: Vec<String>,
    /// The policy of that time; absent for a stop.
    #[schema(value_type = Option<schema::Policy>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub policy: Option<Policy>,
    /// The reason for going on over a warning, as typed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
    /// The id of the request.
    pub request: String,
}

/// A policy to try out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyPreviewRequest {
    /// The policy.
    #[schema(value_type = schema::Policy)]
    pub policy: Policy,
    /// What happens to a deployment that goes out of policy; as now if absent.
    #[schema(value_type = Option<schema::OnLapse>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub on_lapse: Option<OnLapse>,
    /// The projects whose approvals count; `null` for every project, as now if absent.
    #[schema(value_type = Option<Vec<schema::Name>>)]
    #[serde(skip_serializing_if = "Option::is_none", default, deserialize_with = "super::present")]
    pub projects: Option<Option<Vec<Name>>>,
    /// Whether the approver must have been neither author nor requester; as now if absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub independent_approval: Option<bool>,
}

/// What a change of the policy would do now to what is in service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PolicyPreview {
    /// Whether the change lets through more, or lets a version serve for longer.
    pub weakens: bool,
    /// The versions in service whose standing would change.
    pub changes: Vec<StandingChange>,
}

/// A version in service whose standing would change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StandingChange {
    /// The service.
    #[schema(value_type = schema::Name)]
    pub service: Name,
    /// The version.
    #[schema(value_type = schema::VersionRef)]
    pub version: VersionRef,
    /// The standing now.
    #[schema(value_type = schema::PolicyStanding)]
    pub now: PolicyStanding,
    /// The standing after the change.
    #[schema(value_type = schema::PolicyStanding)]
    pub then: PolicyStanding,
}

/// What a deployment would change, and what the gate would say of the deployment.
#[derive(Clone, Debug, PartialEq)]
pub struct Forecast {
    /// The infrastructure.
    pub infrastructure: Infrastructure,
    /// The service as it is now; absent for a new service.
    pub present: Option<Deployment>,
    /// The versions that were asked about, in order.
    pub versions: Vec<ForecastVersion>,
    /// What the gate would say; absent where no version would be in service.
    pub answer: Option<gate::Answer>,
}

impl Forecast {
    /// The tag of the service as it is now.
    pub fn etag(&self) -> Tag {
        self.present.as_ref().map_or(Tag::Deployment(0), Deployment::etag)
    }
}

/// A version as the gate would see it.
#[derive(Clone, Debug, PartialEq)]
pub struct ForecastVersion {
    /// The version.
    pub version: VersionRef,
    /// The model digest.
    pub model_digest: Digest,
    /// Whether the approval is in force there.
    pub in_force: bool,
    /// The end of the approval.
    pub approved_until: Option<Timestamp>,
}

/// What the gate of one infrastructure would say of a version.
#[derive(Clone, Debug, PartialEq)]
pub struct PlaceAnswer {
    /// The infrastructure.
    pub infrastructure: Name,
    /// The stage.
    pub stage: Name,
    /// The answer.
    pub answer: GateAnswer,
    /// Whether the caller may deploy there.
    pub may_deploy: bool,
    /// A service there that serves the model, for callers who may deploy.
    pub service: Option<Name>,
}

impl PlaceAnswer {
    /// `allow`, `unapproved`, `warn` or `deny`: what the gate allows without an approval has a word of its own.
    pub fn forecast(&self) -> &'static str {
        let approved = self.answer.status == Some(Status::Approved);
        match self.answer.verdict {
            gate::Verdict::Allow if !approved && !self.answer.reasons.is_empty() => "unapproved",
            verdict => verdict.as_str(),
        }
    }
}
