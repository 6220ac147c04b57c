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

/// A page of the infrastructures.
#[derive(Clone, Debug, PartialEq)]
pub struct InfrastructureList {
    /// On the first page those with a service out of policy first.
    pub items: Vec<InfrastructureSummary>,
    /// Where the next page begins; absent on the last one.
    pub next: Option<String>,
    /// How many infrastructures with a service out of policy stand among the others, because too many would come first.
    pub more_out_of_policy: usize,
}

/// An infrastructure in a list.
#[derive(Clone, Debug, PartialEq)]
pub struct InfrastructureSummary {
    /// The name.
    pub name: Name,
    /// The stage.
    pub stage: Name,
    /// The policy for versions that are not approved.
    pub policy: Policy,
    /// What happens to a deployment that goes out of policy.
    pub on_lapse: OnLapse,
    /// What is in service; absent for callers who may not see it.
    pub services: Option<ServicesSummary>,
}

impl InfrastructureSummary {
    /// Whether a deployment is out of policy that nobody has acknowledged.
    pub fn needs_attention(&self) -> bool {
        self.services.as_ref().is_some_and(|services| services.unacknowledged > 0)
    }
}

/// What is in service on an infrastructure, in numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ServicesSummary {
    /// How many services serve something.
    pub serving: u64,
    /// How many services are out of policy.
    pub out_of_policy: u64,
    /// How many of them nobody has acknowledged.
    pub unacknowledged: u64,
    /// The first of those out of policy, each with whether it is acknowledged.
    pub first: Vec<(Name, bool)>,
}

impl ServicesSummary {
    /// How many of those out of policy are not named.
    pub fn more(&self) -> u64 {
        self.out_of_policy.saturating_sub(self.first.len() as u64)
    }
}

/// An infrastructure with what the caller may do there.
#[derive(Clone, Debug, PartialEq)]
pub struct InfrastructureOverview {
    /// The infrastructure.
    pub infrastructure: Infrastructure,
    /// Whether the caller may see the deployments.
    pub may_see: bool,
    /// Whether the caller may deploy, roll back and stop.
    pub may_deploy: bool,
    /// Whether the caller may change policy and members.
    pub may_manage: bool,
}

/// A page of the services of an infrastructure.
#[derive(Clone, Debug, PartialEq)]
pub struct ServicesPage {
    /// On the first page those out of policy first.
    pub items: Vec<Deployment>,
    /// Where the next page begins; absent on the last one.
    pub next: Option<String>,
    /// How many services there are, stopped ones too.
    pub all: u64,
    /// How many are out of policy.
    pub out_of_policy: u64,
    /// How many of them nobody has acknowledged.
    pub unacknowledged: u64,
    /// How many of those out of policy come first; the others stand among the rest.
    pub first: u64,
    /// The nodes.
    pub nodes: Vec<Node>,
    /// The projects of the versions on this page that the caller may read.
    pub readable: BTreeSet<Name>,
}

impl ServicesPage {
    /// The deployments on this page that are out of policy.
    pub fn lapsed(&self) -> impl Iterator<Item = &Deployment> {
        self.items.iter().filter(|deployment| deployment.is_out_of_policy())
    }

    /// How many are out of policy beyond the first so many.
    pub fn more_than(&self, told: usize) -> u64 {
        self.out_of_policy.saturating_sub(told as u64)
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
