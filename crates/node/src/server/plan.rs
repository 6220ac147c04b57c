//! The plan: what the server wants in service on an infrastructure. The node does not believe the plan: a version is served
//! because of its permit and its bytes. The plan only says which versions to look at.

use crate::witness::ShownLog;
use proof::{Sha256, UtcTime};
use serde::Deserialize;
use serde_json::Value;

/// Everything that is to be in service.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Plan {
    /// When it was made, by the server's clock.
    pub at: UtcTime,
    /// Changes with whatever else is in it, but for the log.
    pub tag: String,
    /// The services.
    pub services: Vec<PlannedService>,
    /// The log that the server shows with it; none while nothing was signed.
    #[serde(default)]
    pub log: Option<ShownLog>,
}

/// One service.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct PlannedService {
    /// Its name.
    pub service: String,
    /// The model, `PROJECT/MODEL`.
    pub model: String,
    /// The revision in force.
    pub revision: u64,
    /// Whether it was taken out of service.
    pub stopped: bool,
    /// What it serves.
    pub shares: Vec<PlannedShare>,
    /// Versions of the last revisions before, and whether each may go on until this one is ready.
    #[serde(default)]
    pub previous: Vec<PreviousShare>,
}

/// One version of a service.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct PlannedShare {
    /// `PROJECT/MODEL:VERSION`.
    pub version: String,
    /// Its part of the requests in percent.
    pub weight: u8,
    /// The digest of its files.
    pub model_digest: Sha256,
    /// Whether it may go on.
    pub standing: Standing,
    /// Why not, where its standing is not in policy.
    #[serde(default)]
    pub reason: Option<String>,
    /// The permit; a version that was taken out of service has none.
    #[serde(default)]
    pub permit: Option<PlannedPermit>,
}

/// One version of the revision before.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct PreviousShare {
    /// `PROJECT/MODEL:VERSION`.
    pub version: String,
    /// Whether it may go on.
    pub standing: Standing,
    /// Why not.
    #[serde(default)]
    pub reason: Option<String>,
}

/// A permit on its way.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct PlannedPermit {
    /// The signed envelope.
    pub envelope: Value,
}

/// Whether a version may go on; a word that this program does not know is taken for the strictest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// In policy.
    InPolicy,
    /// Out of policy; the version goes on.
    OutOfPolicy,
    /// The same, and it has to stop.
    #[serde(other)]
    Disabled,
}

impl PlannedService {
    /// Whether a version has to stop, whatever its permit says; and why, where that is said.
    pub fn disables(&self, version: &str) -> Option<Option<&str>> {
        let shares = self.shares.iter().map(|share| (&share.version, share.standing, &share.reason));
        let previous = self.previous.iter().map(|share| (&share.version, share.standing, &share.reason));
        let mut disabled = shares.chain(previous).filter(|(_, standing, _)| *standing == Standing::Disabled);
        disabled.find(|(name, ..)| *name == version).map(|(.., reason)| reason.as_deref())
    }
}

impl Plan {
    /// Reads what the server sent.
    ///
    /// # Errors
    /// When it is no plan.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(bytes).map_err(|error| format!("the server's plan cannot be read: {error}"))
    }
}
