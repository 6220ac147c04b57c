//! The sign-off sheet of a round: who decided what, when and why, and how to verify that.

use super::{AuditEvent, FileView, Review, Version};
use domain::{StatementId, Timestamp};
use serde::Serialize;

/// The sign-off sheet of a round.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sheet {
    /// The version as it is now.
    pub version: Version,
    /// The round. What the reader may do, and whose turn it is, stands on the page of the version.
    pub review: Review,
    /// The files that the model digest covers.
    pub files: Vec<FileView>,
    /// The decisions of the round that this server signed, the first one first.
    pub decisions: Vec<SignedDecision>,
    /// What happened in the round, in order.
    pub events: Vec<AuditEvent>,
    /// Whether the round had more events than the sheet lists.
    pub more_events: bool,
    /// How many events the log has.
    pub log_size: u64,
    /// The root over all of them, in hexadecimal.
    pub log_root: String,
    /// When the sheet was drawn up.
    pub drawn_up_at: Timestamp,
}

/// A decision that the server signed, as its statement says it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SignedDecision {
    /// The id of the statement.
    pub statement: StatementId,
    /// `approved`, `rejected` or `revoked`.
    pub decision: proof::Decision,
    /// What the decision means, as the person saw it.
    pub meaning: String,
    /// Who decided.
    pub decided_by: proof::Person,
    /// The duty rules in force.
    pub policy: proof::DutyPolicy,
    /// Whether the approver was neither author nor requester.
    pub independent: bool,
    /// Whom the round asked for the final approval.
    pub approvers: Vec<String>,
    /// The digest of the fields that the person saw, in hexadecimal.
    pub considered: String,
}
