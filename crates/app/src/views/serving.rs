//! Serving nodes: what they follow, what they report, and what their reports say about a deployment.

use super::StatementView;
use domain::{
    Digest, Name, Timestamp, VersionRef,
    deployment::{Basis, PolicyStanding},
    health::{HealthStatus, NodeState, VersionState},
    infrastructure::OnLapse,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is in service on an infrastructure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Serving {
    /// The name of the server, as its permits say it.
    pub server: String,
    /// The infrastructure.
    #[schema(value_type = String)]
    pub infrastructure: Name,
    /// When this was so.
    #[schema(value_type = String)]
    pub at: Timestamp,
    /// Names this state: it differs whenever anything but `at` does.
    pub tag: String,
    /// What happens to a version whose approval lapses: `report` or `disable`.
    #[schema(value_type = String)]
    pub on_lapse: OnLapse,
    /// The services, by name.
    pub services: Vec<ServedService>,
}

/// A service and the revision in force.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ServedService {
    /// The service.
    #[schema(value_type = String)]
    pub service: Name,
    /// The model that it serves, as `PROJECT/MODEL`.
    pub model: String,
    /// The number of the revision in force.
    pub revision: u32,
    /// Whether it was taken out of service; then it has no shares.
    pub stopped: bool,
    /// What it serves, in the order in which it was named.
    pub shares: Vec<ServedShare>,
    /// Versions of the last revisions before, each once: a node goes on with one of them until this revision is ready there.
    pub previous: Vec<PreviousShare>,
}

/// A version that was in service before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PreviousShare {
    /// `PROJECT/MODEL:VERSION`.
    #[schema(value_type = String)]
    pub version: VersionRef,
    /// Whether it may go on that long: `in_policy`, `out_of_policy` or `disabled`.
    #[schema(value_type = String)]
    pub standing: PolicyStanding,
    /// Who or what ended its approval, where it is not in policy.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
}

/// One version to serve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ServedShare {
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
    /// Whether it may go on: `in_policy`, `out_of_policy` or `disabled`.
    #[schema(value_type = String)]
    pub standing: PolicyStanding,
    /// Who or what ended its approval, where it is not in policy.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
    /// The signed permit.
    pub permit: StatementView,
}

/// What a serving node says of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NodeReport {
    /// Where it answers predictions, as `http://HOST:PORT`.
    pub url: String,
    /// The version of its program.
    pub software: String,
    /// The engine that it runs models with; null where it has none.
    pub engine: Option<EngineReport>,
    /// Why it is not ready; null where it is.
    pub problem: Option<String>,
    /// When it was started.
    #[schema(value_type = String)]
    pub started_at: Timestamp,
    /// What it does with each service.
    pub services: Vec<ServiceReport>,
}

/// The engine of a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EngineReport {
    /// Its name and version.
    pub name: String,
    /// The SHA-256 of its library.
    #[schema(value_type = String)]
    pub sha256: Digest,
}

/// What a node does with a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ServiceReport {
    /// The service.
    #[schema(value_type = String)]
    pub service: Name,
    /// The revision that it follows.
    pub revision: u32,
    /// Its versions.
    pub versions: Vec<VersionReport>,
}

/// What a node does with a version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VersionReport {
    /// `PROJECT/MODEL:VERSION`.
    #[schema(value_type = String)]
    pub version: VersionRef,
    /// The bytes that it loaded or is about to load.
    #[schema(value_type = String)]
    pub model_digest: Digest,
    /// `serving`, `starting`, `disabled` or `failed`.
    #[schema(value_type = String)]
    pub state: VersionState,
    /// Why it does not answer; null where it does.
    pub reason: Option<String>,
}

/// A serving node, as it reported itself last. Its texts are its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Node {
    /// Its name.
    #[schema(value_type = String)]
    pub node: Name,
    /// Whether it has reported within the last 15 seconds.
    pub alive: bool,
    /// When it reported last.
    #[schema(value_type = String)]
    pub reported_at: Timestamp,
    /// What it said.
    pub report: NodeReport,
}

/// What the nodes' reports say about a deployment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Health {
    /// `healthy`, `starting`, `degraded`, `out_of_sync`, `out_of_policy`, `stopped` or `unknown`.
    #[schema(value_type = String)]
    pub status: HealthStatus,
    /// Why, in a sentence.
    pub reason: String,
    /// Each node.
    pub nodes: Vec<NodeHealth>,
}

/// How one node stands with respect to a deployment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NodeHealth {
    /// The node.
    #[schema(value_type = String)]
    pub node: Name,
    /// Where it answers.
    pub url: String,
    /// `serving`, `stopped`, `starting`, `disabled`, `failed`, `not_ready`, `out_of_sync` or `lost`.
    #[schema(value_type = String)]
    pub state: NodeState,
    /// The revision that it follows; null where it does not know the service.
    pub revision: Option<u32>,
    /// When it reported last.
    #[schema(value_type = String)]
    pub reported_at: Timestamp,
    /// Why it does not serve as it should.
    pub reason: Option<String>,
}
