//! The record as auditors read it.

use domain::{Name, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::verify::Finding;
use utoipa::{IntoParams, ToSchema};

/// One event of the record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AuditEvent {
    /// Its position, from 0.
    pub position: u64,
    /// When.
    #[schema(value_type = String)]
    pub at: Timestamp,
    /// Who: a user's name, `clock`, or `console`.
    pub actor: String,
    /// The id of the request.
    pub request: String,
    /// What kind of event.
    #[serde(rename = "type")]
    pub kind: String,
    /// What happened.
    #[schema(value_type = Object)]
    pub data: Value,
    /// What it is about, in words: a version, a project or an infrastructure.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub about: Option<String>,
}

/// Which events to list.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// From this moment on.
    #[param(value_type = Option<String>)]
    pub since: Option<Timestamp>,
    /// From this position on.
    pub from: Option<u64>,
    /// Only a project's.
    #[param(value_type = Option<String>)]
    pub project: Option<Name>,
    /// Only a version's, as `PROJECT/MODEL:VERSION`.
    pub version: Option<String>,
    /// Only an infrastructure's.
    #[param(value_type = Option<String>)]
    pub infrastructure: Option<Name>,
    /// At most so many, 1 to 200.
    pub limit: Option<u32>,
}

/// A proof over the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProofView {
    /// The size that it is for.
    pub size: u64,
    /// The root at that size, in hexadecimal.
    pub root: String,
    /// The hash of the event's leaf, for a proof of inclusion.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub leaf: Option<String>,
    /// The hashes, in the order of RFC 6962.
    pub hashes: Vec<String>,
}

/// What came of verifying the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StoreReport {
    /// Whether there are no findings.
    pub clean: bool,
    /// How many events.
    pub events: u64,
    /// How many rows of governance.
    pub rows: u64,
    /// How many signed statements.
    pub statements: u64,
    /// How many events the checkpoint covers that the log was compared with; null where none is kept, or none that can be read.
    pub checkpoint: Option<u64>,
    /// The log's root, as recomputed from the events.
    pub root: String,
    /// What is not as it should be.
    pub findings: Vec<Finding>,
}
