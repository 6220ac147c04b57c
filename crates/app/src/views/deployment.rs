//! Deployments and the gate.

use super::{Health, StatementView};
use domain::{
    Digest, Name, Timestamp, VersionRef,
    deployment::{Basis, PolicyStanding, RevisionKind},
    gate,
    infrastructure::Policy,
    signoff::Status,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A service on an infrastructure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Deployment {
    /// The infrastructure.
    #[schema(value_type = String)]
    pub infrastructure: Name,
    /// The service.
    #[schema(value_type = String)]
    pub service: Name,
    /// The model that it serves, as `PROJECT/MODEL`.
    pub model: String,
    /// `in_policy`, `out_of_policy`, `disabled`, or `stopped`.
    pub standing: String,
    /// What the serving nodes make of it.
    pub health: Health,
    /// The revision in force.
    pub revision: Revision,
    /// The last revisions, newest first; left out in lists.
    pub history: Vec<Revision>,
}

impl Deployment {
    /// The tag of its present revision.
    pub fn etag(&self) -> String {
        format!("d{}", self.revision.number)
    }
}

/// One change of a deployment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Revision {
    /// Its number, from 1.
    pub number: u32,
    /// What made it.
    #[schema(value_type = String)]
    pub kind: RevisionKind,
    /// What it serves; empty after a stop.
    pub shares: Vec<Share>,
    /// The gate's answer.
    #[schema(value_type = Option<Object>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub answer: Option<gate::Answer>,
    /// The typed reason, where the gate warned.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub acknowledgement: Option<String>,
    /// Display name of whoever made it.
    pub by: String,
    /// When.
    #[schema(value_type = String)]
    pub at: Timestamp,
}

/// One version of a revision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Share {
    /// `PROJECT/MODEL:VERSION`.
    #[schema(value_type = String)]
    pub version: VersionRef,
    /// Its part of the requests in percent.
    pub weight: u8,
    /// The bytes.
    #[schema(value_type = String)]
    pub model_digest: Digest,
    /// On what ground it went into service.
    #[schema(value_type = String)]
    pub basis: Basis,
    /// Whether it may go on; only for the revision in force.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub standing: Option<PolicyStanding>,
    /// Who or what ended its approval, where it is not in policy.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
    /// The signed permit; only for the revision in force, and not for a version that is out of service there.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub permit: Option<StatementView>,
}

/// Deploys versions to a service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeployRequest {
    /// What to serve.
    pub shares: Vec<ShareRequest>,
    /// The typed reason for going on although the gate warns.
    #[serde(default)]
    pub acknowledge: Option<String>,
}

/// One version to serve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShareRequest {
    /// `PROJECT/MODEL:VERSION`.
    #[schema(value_type = String)]
    pub version: VersionRef,
    /// Its part of the requests in percent; 100 where it is the only one.
    #[serde(default)]
    pub weight: Option<u8>,
}

/// Goes back to an earlier revision.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RollbackRequest {
    /// The revision; the last one before the present that served something else, where none is given.
    pub to: Option<u32>,
    /// The typed reason for going on although the gate warns.
    pub acknowledge: Option<String>,
}

/// Asks the gate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GateRequest {
    /// The infrastructure.
    #[schema(value_type = String)]
    pub infrastructure: Name,
    /// The model, as `PROJECT/MODEL`; with `version`.
    #[serde(default)]
    pub model: Option<String>,
    /// The version's number; with `model`.
    #[serde(default)]
    pub version: Option<u32>,
    /// The model digest; instead of model and version, or besides them to say which bytes are meant.
    #[schema(value_type = Option<String>)]
    #[serde(default)]
    pub digest: Option<Digest>,
    /// The typed reason for going on although the gate warns: recorded where it does, for which one must be a deployer. A blank
    /// one is none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub acknowledge: Option<String>,
}

/// The gate's answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct GateAnswer {
    /// `allow`, `warn` or `deny`.
    #[schema(value_type = String)]
    pub verdict: gate::Verdict,
    /// The policy in force.
    #[schema(value_type = String)]
    pub policy: Policy,
    /// The infrastructure.
    #[schema(value_type = String)]
    pub infrastructure: Name,
    /// The version, where one is governed.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub version: Option<VersionRef>,
    /// The bytes.
    #[schema(value_type = String)]
    pub model_digest: Digest,
    /// Why it is not in force; empty when it is.
    #[schema(value_type = Vec<Object>)]
    pub reasons: Vec<gate::Reason>,
    /// Where the sign-off stands.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub status: Option<Status>,
    /// Where to look at it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub signoff_url: Option<String>,
    /// The permit on which it is in service there, if it is.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub permit: Option<StatementView>,
    /// When the approval ends, if it does.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub not_after: Option<Timestamp>,
    /// Whether the answer may become better without anybody opening a new round: a review is still to be decided.
    pub pending: bool,
    /// Whether the gate warns and the reason for going on was recorded: only then may one go on over a warning.
    #[serde(default)]
    pub acknowledged: bool,
}
