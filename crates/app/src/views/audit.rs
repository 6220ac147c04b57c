//! The record, for auditors.

use super::schema;
use crate::Limit;
use domain::{Name, Timestamp, people::Credential};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use store::verify::Finding;
use utoipa::{IntoParams, ToSchema};

/// One event of the record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AuditEvent {
    /// The event's position, from 0.
    pub position: u64,
    /// When the event was recorded.
    #[schema(value_type = schema::Timestamp)]
    pub at: Timestamp,
    /// Who acted: the account's name at that time, `clock`, or `console`.
    pub actor: String,
    /// The display name of the account at that time; absent for clock and console, and in events from before it was kept.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub actor_name: Option<String>,
    /// What showed who acted: a session, a personal token, a service token, a password, an invitation, the console or the clock.
    #[schema(value_type = Option<schema::Credential>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub credential: Option<Credential>,
    /// The id of the request.
    pub request: String,
    /// The type of event.
    #[serde(rename = "type")]
    pub kind: String,
    /// The event's data.
    #[schema(value_type = Object)]
    pub data: Value,
    /// The people and groups whose ids stand in the data, by id, as `user:NAME` or `group:NAME`. The names are those of today.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub names: BTreeMap<String, String>,
    /// The thing that the event is about, in words: a version, a project or an infrastructure.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub about: Option<String>,
}

/// Selects events.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// Events since this time.
    #[param(value_type = Option<schema::Timestamp>, inline)]
    pub since: Option<Timestamp>,
    /// Events from this position on.
    pub from: Option<u64>,
    /// Only events of a project.
    #[param(value_type = Option<schema::Name>, inline)]
    pub project: Option<Name>,
    /// Only events of a version, as `PROJECT/MODEL:VERSION`.
    pub version: Option<String>,
    /// Only events of an infrastructure.
    #[param(value_type = Option<schema::Name>, inline)]
    pub infrastructure: Option<Name>,
    /// Only events of this account.
    #[param(value_type = Option<schema::Name>, inline)]
    pub actor: Option<Name>,
    /// Only events of this type, like `feedback.given`; several with commas between them.
    pub kind: Option<String>,
    /// How many to return: 100 if absent.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200)]
    pub limit: Option<Limit>,
}

/// Selects an event, and the size of the log in which it is proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct InclusionQuery {
    /// The event's position, from 0.
    pub position: u64,
    /// A size that the log has reached; the present size without it.
    pub size: Option<u64>,
}

/// Selects two sizes of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ConsistencyQuery {
    /// The size of the log that is known already.
    pub from: u64,
    /// A later size that the log has reached; the present size without it.
    pub to: Option<u64>,
}

/// A proof over the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProofView {
    /// The size of the log that the proof is for.
    pub size: u64,
    /// The root of the log at that size, in hexadecimal.
    pub root: String,
    /// The hash of the event's leaf, for a proof of inclusion.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub leaf: Option<String>,
    /// The event's leaf, for a proof of inclusion. The leaf's hash is the SHA-256 of a zero byte and these bytes.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub leaf_bytes: Option<String>,
    /// The event's body, canonical JSON, for a proof of inclusion. The leaf names the SHA-256 of these bytes.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub body_bytes: Option<String>,
    /// The hashes, in the order of RFC 6962.
    pub hashes: Vec<String>,
}

/// The report of `verify-store`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StoreReport {
    /// Whether there are no findings.
    pub clean: bool,
    /// The number of events.
    pub events: u64,
    /// The number of rows that the record covers.
    pub rows: u64,
    /// The number of signed statements.
    pub statements: u64,
    /// The number of events that the checkpoint covers with which the log was compared; null without a readable checkpoint.
    pub checkpoint: Option<u64>,
    /// The log's root, recomputed from the events.
    pub root: String,
    /// The findings.
    pub findings: Vec<Finding>,
}
