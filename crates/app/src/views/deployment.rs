//! Deployments and the gate.

use super::{Health, StatementView, schema};
use crate::base::tag::Tag;
use domain::{
    Digest, Duration, Name, Timestamp, VersionRef,
    deployment::{Basis, PolicyStanding, RevisionKind},
    gate,
    infrastructure::Policy,
    people::Credential,
    signoff::Status,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A service on an infrastructure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Deployment {
    /// The infrastructure.
    #[schema(value_type = schema::Name)]
    pub infrastructure: Name,
    /// The service.
    #[schema(value_type = schema::Name)]
    pub service: Name,
    /// The model, as `PROJECT/MODEL`.
    pub model: String,
    /// `in_policy`, `out_of_policy`, `disabled`, or `stopped`.
    pub standing: String,
    /// The health, from the reports of the nodes.
    pub health: Health,
    /// The revision in force.
    pub revision: Revision,
    /// The last revisions, newest first; left out in lists.
    pub history: Vec<Revision>,
    /// That somebody knows that the service is out of policy, and tolerates it; absent where nobody has said so of the present reasons.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub lapse_acknowledged: Option<LapseAcknowledged>,
}

/// Who knows that a service is out of policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LapseAcknowledged {
    /// The display name of who said so, as it was then.
    pub by: String,
    /// When.
    #[schema(value_type = schema::Timestamp)]
    pub at: Timestamp,
    /// Why the lapse is tolerated.
    pub reason: String,
    /// The end of the toleration.
    #[schema(value_type = schema::Timestamp)]
    pub until: Timestamp,
}

impl Deployment {
    /// The ETag of the present revision.
    pub fn etag(&self) -> Tag {
        Tag::Deployment(self.revision.number)
    }

    /// Whether a version in service is out of policy, or was taken out of service.
    pub fn is_out_of_policy(&self) -> bool {
        let mut standings = self.revision.shares.iter().filter_map(|share| share.standing);
        standings.any(|standing| standing != PolicyStanding::InPolicy)
    }

    /// Whether it is out of policy, and nobody has said that this is known.
    pub fn needs_attention(&self) -> bool {
        self.is_out_of_policy() && self.lapse_acknowledged.is_none()
    }

    /// The health in the word of its badge: a service that is stopped or out of policy has a badge of its own for that.
    pub fn health_badge(&self) -> String {
        match self.health.status.to_string().as_str() {
            word @ ("stopped" | "out_of_policy") => format!("h_{word}"),
            word => word.to_owned(),
        }
    }
}

/// A change of a deployment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Revision {
    /// The revision's number, from 1.
    pub number: u32,
    /// The command that made the revision.
    #[schema(value_type = schema::RevisionKind)]
    pub kind: RevisionKind,
    /// The versions in service; empty after a stop.
    pub shares: Vec<Share>,
    /// The gate's answer.
    #[schema(value_type = Option<Object>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub answer: Option<gate::Answer>,
    /// The typed reason; absent unless the gate warned.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub acknowledgement: Option<String>,
    /// The display name of the deployer, at that time.
    pub by: String,
    /// The name of the account at that time.
    #[schema(value_type = Option<schema::Name>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub account: Option<Name>,
    /// What showed who acted: a session, a personal token, a service token, the console or the clock.
    #[schema(value_type = Option<schema::Credential>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub credential: Option<Credential>,
    /// When the revision was made.
    #[schema(value_type = schema::Timestamp)]
    pub at: Timestamp,
}

/// A version of a revision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Share {
    /// `PROJECT/MODEL:VERSION`.
    #[schema(value_type = schema::VersionRef)]
    pub version: VersionRef,
    /// The version's part of the requests in percent.
    pub weight: u8,
    /// The model digest.
    #[schema(value_type = schema::Digest)]
    pub model_digest: Digest,
    /// The basis on which the version went into service.
    #[schema(value_type = schema::Basis)]
    pub basis: Basis,
    /// Whether the version may go on; only for the revision in force.
    #[schema(value_type = Option<schema::PolicyStanding>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub standing: Option<PolicyStanding>,
    /// The end of the approval; only for the revision in force, and absent without an approval in force that ends.
    #[schema(value_type = Option<schema::Timestamp>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub approved_until: Option<Timestamp>,
    /// Who or what ended the approval; absent in policy.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
    /// The signed permit; only for the revision in force, and absent for a version that was taken out of service.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub permit: Option<StatementView>,
}

/// Deploys versions to a service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeployRequest {
    /// The versions to serve.
    pub shares: Vec<ShareRequest>,
    /// The reason for going on although the gate warns.
    #[serde(default)]
    pub acknowledge: Option<String>,
}

/// A version to serve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShareRequest {
    /// `PROJECT/MODEL:VERSION`.
    #[schema(value_type = schema::VersionRef)]
    pub version: VersionRef,
    /// The version's part of the requests in percent; 100 if it is the only version.
    #[serde(default)]
    pub weight: Option<u8>,
}

/// Says that a service is known to be out of policy, and tolerated for a while.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcknowledgeLapseRequest {
    /// Why the lapse is tolerated. The record keeps the reason.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
    /// For how long, like `30d`; `365d` at most.
    #[schema(value_type = schema::Duration)]
    pub valid_for: Duration,
}

/// Goes back to an earlier revision.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RollbackRequest {
    /// The revision; if absent, the last revision before that served something else.
    pub to: Option<u32>,
    /// The reason for going on although the gate warns.
    pub acknowledge: Option<String>,
}

/// Asks the gate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GateRequest {
    /// The infrastructure.
    #[schema(value_type = schema::Name)]
    pub infrastructure: Name,
    /// The model, as `PROJECT/MODEL`; with `version`.
    #[serde(default)]
    pub model: Option<String>,
    /// The version's number; with `model`.
    #[serde(default)]
    pub version: Option<u32>,
    /// The model digest; instead of model and version, or with them to say which bytes would run.
    #[schema(value_type = Option<schema::Digest>)]
    #[serde(default)]
    pub digest: Option<Digest>,
    /// The reason for going on although the gate warns. If the gate warns, the record keeps the reason; the caller must be a
    /// deployer. A blank reason is no reason.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub acknowledge: Option<String>,
}

/// The gate's answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct GateAnswer {
    /// `allow`, `warn` or `deny`.
    #[schema(value_type = schema::GateVerdict)]
    pub verdict: gate::Verdict,
    /// The policy in force.
    #[schema(value_type = schema::Policy)]
    pub policy: Policy,
    /// The infrastructure.
    #[schema(value_type = schema::Name)]
    pub infrastructure: Name,
    /// The version; absent if no version has these bytes.
    #[schema(value_type = Option<schema::VersionRef>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub version: Option<VersionRef>,
    /// The model digest.
    #[schema(value_type = schema::Digest)]
    pub model_digest: Digest,
    /// Why the version is not in force; empty if it is.
    #[schema(value_type = Vec<Object>)]
    pub reasons: Vec<gate::Reason>,
    /// The sign-off's status.
    #[schema(value_type = Option<schema::Status>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub status: Option<Status>,
    /// The version's page.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub signoff_url: Option<String>,
    /// The permit, if the version is in service on this infrastructure.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub permit: Option<StatementView>,
    /// The end of the approval; absent without an end.
    #[schema(value_type = Option<schema::Timestamp>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub not_after: Option<Timestamp>,
    /// Whether the answer can change without a new round: a review is open.
    pub pending: bool,
    /// Whether the gate warned and recorded the reason. Go on over a warning only if this is true.
    #[serde(default)]
    pub acknowledged: bool,
}
