//! The health of a deployment, from the reports of the infrastructure's nodes.
//!
//! Pure: the revision in force, the reports and the clock are arguments.

use crate::{Digest, Duration, Timestamp, VersionRef, deployment::PolicyStanding, people::words};
use serde::{Deserialize, Serialize};

/// How long a report counts: a node that has not reported for so long is lost.
pub const LOST_AFTER: Duration = Duration::from_seconds(15);
/// How long nodes may take to follow a new revision: to fetch the files, check and load them.
pub const SETTLED_AFTER: Duration = Duration::from_seconds(60);

/// What a node does with one version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VersionState {
    /// It answers requests.
    Serving,
    /// It is on its way: being fetched, checked, loaded.
    Starting,
    /// It does not answer, because it may not.
    Disabled,
    /// It does not answer, because it cannot.
    Failed,
}

/// How one node stands with respect to one deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NodeState {
    /// It serves every version of the revision in force.
    Serving,
    /// It serves nothing of a service that was stopped, as it should.
    Stopped,
    /// It is on its way.
    Starting,
    /// A version does not answer, because it may not.
    Disabled,
    /// A version does not answer, because it cannot.
    Failed,
    /// The node as a whole cannot serve.
    NotReady,
    /// It still serves something else than the revision in force.
    OutOfSync,
    /// It has not reported for too long.
    Lost,
}

/// The health of a deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HealthStatus {
    /// Every node that is alive serves every version of the revision in force.
    Healthy,
    /// Nodes are on their way to it.
    Starting,
    /// Some do not serve it.
    Degraded,
    /// Nodes serve something else, long after the revision was made.
    OutOfSync,
    /// What it rests on has lapsed.
    OutOfPolicy,
    /// It was taken out of service.
    Stopped,
    /// No node is alive.
    Unknown,
}

words! {
    VersionState { Serving = "serving", Starting = "starting", Disabled = "disabled", Failed = "failed" }
    NodeState {
        Serving = "serving", Stopped = "stopped", Starting = "starting", Disabled = "disabled", Failed = "failed",
        NotReady = "not_ready", OutOfSync = "out_of_sync", Lost = "lost"
    }
    HealthStatus {
        Healthy = "healthy", Starting = "starting", Degraded = "degraded", OutOfSync = "out_of_sync",
        OutOfPolicy = "out_of_policy", Stopped = "stopped", Unknown = "unknown"
    }
}

/// What should be in service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The revision in force.
    pub revision: u32,
    /// When it was made.
    pub made_at: Timestamp,
    /// What it serves; nothing after a stop.
    pub versions: Vec<(VersionRef, Digest)>,
    /// The worst standing among them.
    pub standing: PolicyStanding,
    /// Why it is not in policy, where it is not.
    pub lapse: Option<String>,
}

/// What one node reported last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reported {
    /// The node.
    pub node: String,
    /// When its report arrived.
    pub at: Timestamp,
    /// Why it cannot serve at all.
    pub problem: Option<String>,
    /// The revision of this deployment that it follows; none where it does not know the service.
    pub revision: Option<u32>,
    /// What it does with each version.
    pub versions: Vec<ReportedVersion>,
}

/// What a node said about one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportedVersion {
    /// The version.
    pub version: VersionRef,
    /// The bytes that it loaded or is about to load.
    pub model_digest: Digest,
    /// What it does with it.
    pub state: VersionState,
    /// Why it does not answer.
    pub reason: Option<String>,
}

/// How one node stands, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeHealth {
    /// The node.
    pub node: String,
    /// How it stands.
    pub state: NodeState,
    /// Why, where it does not serve as it should.
    pub reason: Option<String>,
}

/// The health of a deployment, as a word, as a sentence, and by node in the order of the reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// The word.
    pub status: HealthStatus,
    /// The sentence.
    pub reason: String,
    /// Each node.
    pub nodes: Vec<NodeHealth>,
}

/// What the reports say about a deployment at this moment.
pub fn health(wanted: &Wanted, reports: &[Reported], now: Timestamp) -> Health {
    let nodes: Vec<_> = reports.iter().map(|report| node_health(wanted, report, now)).collect();
    let alive: Vec<_> = nodes.iter().filter(|node| node.state != NodeState::Lost).collect();
    let count = |state| alive.iter().filter(|node| node.state == state).count();
    let first = |state| alive.iter().find(|node| node.state == state).map(|node| said_by(node)).unwrap_or_default();
    let total = alive.len();
    let settled = is_settled(wanted, now);
    let ill = [NodeState::NotReady, NodeState::Failed, NodeState::Disabled].into_iter().find(|state| count(*state) > 0);
    let (status, reason) = if count(NodeState::OutOfSync) > 0 {
        (HealthStatus::OutOfSync, first(NodeState::OutOfSync))
    } else if wanted.versions.is_empty() {
        (HealthStatus::Stopped, "it was taken out of service".to_owned())
    } else if wanted.standing != PolicyStanding::InPolicy {
        (HealthStatus::OutOfPolicy, wanted.lapse.clone().unwrap_or_else(|| "what it rests on has lapsed".to_owned()))
    } else if total == 0 {
        (HealthStatus::Unknown, no_node(&nodes))
    } else if let Some(state) = ill {
        (HealthStatus::Degraded, first(state))
    } else if count(NodeState::Serving) == total {
        (HealthStatus::Healthy, format!("{} revision {}", serving(total), wanted.revision))
    } else if count(NodeState::Serving) > 0 && settled {
        (HealthStatus::Degraded, first(NodeState::Starting))
    } else {
        let nodes = if total == 1 { "node serves" } else { "nodes serve" };
        (HealthStatus::Starting, format!("{} of {total} {nodes} revision {}", count(NodeState::Serving), wanted.revision))
    };
    Health { status, reason, nodes }
}

fn is_settled(wanted: &Wanted, now: Timestamp) -> bool {
    wanted.made_at.plus(SETTLED_AFTER) <= now
}

fn serving(total: usize) -> String {
    if total == 1 { "the node serves".to_owned() } else { format!("all {total} nodes serve") }
}

fn no_node(nodes: &[NodeHealth]) -> String {
    if nodes.is_empty() {
        return "no node has reported: start one".to_owned();
    }
    let names: Vec<_> = nodes.iter().map(|node| node.node.as_str()).collect();
    format!("no node is alive: {} stopped reporting", names.join(", "))
}

fn said_by(node: &NodeHealth) -> String {
    let state = node.state.as_str().replace('_', " ");
    match &node.reason {
        Some(reason) => format!("{} is {state}: {reason}", node.node),
        None => format!("{} is {state}", node.node),
    }
}

fn node_health(wanted: &Wanted, report: &Reported, now: Timestamp) -> NodeHealth {
    let (state, reason) = state_of(wanted, report, now);
    NodeHealth { node: report.node.clone(), state, reason }
}

fn state_of(wanted: &Wanted, report: &Reported, now: Timestamp) -> (NodeState, Option<String>) {
    if report.at.plus(LOST_AFTER) <= now {
        return (NodeState::Lost, Some(format!("it reported last at {}", report.at)));
    }
    let answers = report.versions.iter().any(|version| version.state == VersionState::Serving);
    if report.revision != Some(wanted.revision) && (answers || !wanted.versions.is_empty()) {
        let follows = match report.revision {
            Some(revision) => format!("it follows revision {revision}, not {}", wanted.revision),
            None => "it does not know the service".to_owned(),
        };
        return match (&report.problem, is_settled(wanted, now)) {
            (Some(problem), _) if !answers => (NodeState::NotReady, Some(problem.clone())),
            (_, true) => (NodeState::OutOfSync, Some(follows)),
            (_, false) => (NodeState::Starting, Some(follows)),
        };
    }
    if wanted.versions.is_empty() {
        return if answers { (NodeState::OutOfSync, Some("it still serves it".to_owned())) } else { (NodeState::Stopped, None) };
    }
    if let Some(problem) = &report.problem {
        return (NodeState::NotReady, Some(problem.clone()));
    }
    let states =
        wanted.versions.iter().map(|(version, digest)| match report.versions.iter().find(|said| said.version == *version) {
            None => (VersionState::Starting, None),
            Some(said) if said.model_digest != *digest => {
                (VersionState::Failed, Some(format!("{version}: the node has other bytes under this name")))
            }
            Some(said) => (said.state, said.reason.as_ref().map(|reason| format!("{version}: {reason}"))),
        });
    // The worst comes last in the order of the states.
    match states.max_by_key(|(state, _)| *state) {
        Some((VersionState::Failed, reason)) => (NodeState::Failed, reason),
        Some((VersionState::Disabled, reason)) => (NodeState::Disabled, reason),
        Some((VersionState::Starting, reason)) => (NodeState::Starting, reason),
        Some((VersionState::Serving, _)) | None => (NodeState::Serving, None),
    }
}
