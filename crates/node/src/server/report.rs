//! A node's report about itself to the server.

use crate::engine::EngineInfo;
use serde::{Deserialize, Serialize};

/// The most characters of a reason or a problem that the server takes.
const LONGEST_REASON: usize = 2000;
/// The most characters of a checkpoint that the server takes.
const LONGEST_CHECKPOINT: usize = 4000;

/// How a node is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeReport {
    /// Where predictions are asked for.
    pub url: String,
    /// The version of this program.
    pub software: String,
    /// The library that runs models, if there is a usable one.
    pub engine: Option<EngineInfo>,
    /// What is wrong with the node as a whole, if something is.
    pub problem: Option<String>,
    /// When it started, as RFC 3339.
    pub started_at: String,
    /// What it serves.
    pub services: Vec<ReportedService>,
    /// What it saw of the server's log.
    #[serde(default)]
    pub log: LogReport,
}

/// What a node saw of the server's log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogReport {
    /// How many events the largest checkpoint covers.
    pub size: Option<u64>,
    /// That checkpoint, a signed note.
    pub checkpoint: Option<String>,
    /// Why the node follows no plan, if it follows none.
    pub refusal: Option<String>,
}

impl NodeReport {
    /// The same with reasons that are not longer than the server takes them.
    #[must_use]
    pub fn shortened(mut self) -> Self {
        let versions = self.services.iter_mut().flat_map(|service| &mut service.versions);
        let reasons = versions.filter_map(|version| version.reason.as_mut());
        for text in reasons.chain(self.problem.as_mut()).chain(self.log.refusal.as_mut()) {
            if text.chars().nth(LONGEST_REASON).is_some() {
                *text = text.chars().take(LONGEST_REASON - 1).chain(['…']).collect();
            }
        }
        // A note with the signatures of many others: its size says enough.
        self.log.checkpoint = self.log.checkpoint.filter(|note| note.chars().nth(LONGEST_CHECKPOINT).is_none());
        self
    }
}

/// One service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedService {
    /// Its name.
    pub service: String,
    /// The revision that it follows.
    pub revision: u64,
    /// Its versions.
    pub versions: Vec<ReportedVersion>,
}

/// One version of a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedVersion {
    /// `PROJECT/MODEL:VERSION`.
    pub version: String,
    /// The digest of the files that were verified.
    pub model_digest: String,
    /// Whether it answers.
    pub state: VersionState,
    /// Why not; of a version that answers, what happened lately to its process.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
}

/// Whether a version answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VersionState {
    /// It does.
    Serving,
    /// It is still on its way.
    Starting,
    /// It was taken out of service.
    Disabled,
    /// It could not be put into service.
    Failed,
}
