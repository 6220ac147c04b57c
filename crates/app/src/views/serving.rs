//! Serving nodes: the plan that they follow, their reports, and the health of a deployment.

use super::{StatementView, schema};
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
    /// The name of the server, as in its permits.
    pub server: String,
    /// The infrastructure.
    #[schema(value_type = schema::Name)]
    pub infrastructure: Name,
    /// The time of this state.
    #[schema(value_type = schema::Timestamp)]
    pub at: Timestamp,
    /// Names this state: the tag changes when anything but `at` and `log` changes.
    pub tag: String,
    /// What happens to a version that goes out of policy: `report` or `disable`.
    #[schema(value_type = schema::OnLapse)]
    pub on_lapse: OnLapse,
    /// The services, by name.
    pub services: Vec<ServedService>,
    /// The log of the server as a node checks it; absent while no checkpoint was signed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub log: Option<ServedLog>,
}

/// What shows a node that the log continues what the node saw before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ServedLog {
    /// The newest signed checkpoint (C2SP signed note).
    pub checkpoint: String,
    /// The proof (RFC 6962) from the size in `log_size` to the size of the checkpoint: hashes in hexadecimal.
    pub consistency: Vec<String>,
    /// The changes of the log's key since the key in `log_key`, in their order.
    #[schema(value_type = Vec<KeyHandover>)]
    pub handovers: Vec<proof::Handover>,
}

/// One key of the log takes over from another.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes a type of the crate `proof` in the document of the API")]
pub struct KeyHandover {
    /// The bytes of the body of the event `log.key_changed`.
    event: String,
    /// The proof that the event is in the log (C2SP `tlog-proof`), under a checkpoint that both keys signed.
    proof: String,
}

/// A service and the revision in force.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ServedService {
    /// The service.
    #[schema(value_type = schema::Name)]
    pub service: Name,
    /// The model, as `PROJECT/MODEL`.
    pub model: String,
    /// The number of the revision in force.
    pub revision: u32,
    /// Whether the service was stopped; a stopped service has no shares.
    pub stopped: bool,
    /// The versions in service, in the deployer's order.
    pub shares: Vec<ServedShare>,
    /// The versions of the last revisions before, each once. A node serves such a version until this revision is ready on the node.
    pub previous: Vec<PreviousShare>,
}

/// A version that was in service before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PreviousShare {
    /// `PROJECT/MODEL:VERSION`.
    #[schema(value_type = schema::VersionRef)]
    pub version: VersionRef,
    /// Whether the version may go on until then: `in_policy`, `out_of_policy` or `disabled`.
    #[schema(value_type = schema::PolicyStanding)]
    pub standing: PolicyStanding,
    /// Who or what ended the approval; absent in policy.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
}

/// A version to serve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ServedShare {
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
    /// Whether the version may go on: `in_policy`, `out_of_policy` or `disabled`.
    #[schema(value_type = schema::PolicyStanding)]
    pub standing: PolicyStanding,
    /// Who or what ended the approval; absent in policy.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
    /// The signed permit.
    pub permit: StatementView,
}

/// A node's report about itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NodeReport {
    /// The address for predictions, as `http://HOST:PORT`.
    pub url: String,
    /// The version of the node's program.
    pub software: String,
    /// The engine that runs models; null without an engine.
    pub engine: Option<EngineReport>,
    /// What is wrong with the node as a whole; null if nothing is.
    pub problem: Option<String>,
    /// When the node started.
    #[schema(value_type = schema::Timestamp)]
    pub started_at: Timestamp,
    /// The state of each service.
    pub services: Vec<ServiceReport>,
    /// What the node saw of the server's log.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub log: Option<LogReport>,
}

/// What a node saw of the server's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LogReport {
    /// How many events the largest checkpoint covers that the node keeps; null while the node has seen none.
    pub size: Option<u64>,
    /// That checkpoint (C2SP signed note).
    pub checkpoint: Option<String>,
    /// Why the node follows no plan of the server; null if it follows them.
    pub refusal: Option<String>,
}

/// The engine of a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EngineReport {
    /// The engine's name and version.
    pub name: String,
    /// The SHA-256 of the engine's library.
    #[schema(value_type = schema::Digest)]
    pub sha256: Digest,
}

/// A service in a node's report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ServiceReport {
    /// The service.
    #[schema(value_type = schema::Name)]
    pub service: Name,
    /// The revision that the node follows.
    pub revision: u32,
    /// The versions of the service.
    pub versions: Vec<VersionReport>,
}

/// A version in a node's report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VersionReport {
    /// `PROJECT/MODEL:VERSION`.
    #[schema(value_type = schema::VersionRef)]
    pub version: VersionRef,
    /// The model digest that the node loaded or is about to load.
    #[schema(value_type = schema::Digest)]
    pub model_digest: Digest,
    /// `serving`, `starting`, `disabled` or `failed`.
    #[schema(value_type = schema::VersionState)]
    pub state: VersionState,
    /// Why the version does not answer; of a version that answers, what happened lately to its process. Null if there is nothing to say.
    pub reason: Option<String>,
}

/// A serving node and its last report. The node wrote the texts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Node {
    /// The node's name.
    #[schema(value_type = schema::Name)]
    pub node: Name,
    /// Whether the node reported within the last 15 seconds.
    pub alive: bool,
    /// The time of the last report.
    #[schema(value_type = schema::Timestamp)]
    pub reported_at: Timestamp,
    /// The last report.
    pub report: NodeReport,
}

/// The health of a deployment, from the reports of its nodes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Health {
    /// `healthy`, `starting`, `degraded`, `out_of_sync`, `out_of_policy`, `stopped` or `unknown`.
    #[schema(value_type = schema::HealthStatus)]
    pub status: HealthStatus,
    /// The reason, in a sentence.
    pub reason: String,
    /// The nodes.
    pub nodes: Vec<NodeHealth>,
}

/// A node's state with respect to a deployment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NodeHealth {
    /// The node.
    #[schema(value_type = schema::Name)]
    pub node: Name,
    /// The node's address for predictions.
    pub url: String,
    /// `serving`, `stopped`, `starting`, `disabled`, `failed`, `not_ready`, `out_of_sync` or `lost`.
    #[schema(value_type = schema::NodeState)]
    pub state: NodeState,
    /// The revision that the node follows; null if the node does not know the service.
    pub revision: Option<u32>,
    /// The time of the last report.
    #[schema(value_type = schema::Timestamp)]
    pub reported_at: Timestamp,
    /// Why the node does not serve the revision; absent if it does.
    pub reason: Option<String>,
}
