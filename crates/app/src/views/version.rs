//! Versions, their files and uploads, and where they stand.

use domain::{
    Digest, StatementId, Timestamp, UploadId, VersionRef,
    fields::{Fields, Source},
    reviewers::Task,
    signoff::Status,
    turn::Expected,
    workflow::StepStatus,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A model version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Version {
    /// `PROJECT/MODEL:VERSION`.
    #[schema(value_type = String)]
    pub name: VersionRef,
    /// SHA-256 of the manifest of all files.
    #[schema(value_type = String)]
    pub model_digest: Digest,
    /// How many files.
    pub files: u64,
    /// Their bytes together.
    pub size: u64,
    /// The governed fields.
    #[schema(value_type = Object)]
    pub fields: Fields,
    /// Who uploaded it.
    pub uploader: String,
    /// When it was registered.
    #[schema(value_type = String)]
    pub created_at: Timestamp,
    /// Counts the changes of fields.
    pub revision: u64,
    /// The digest of the governed fields.
    #[schema(value_type = String)]
    pub shown: Digest,
    /// Where it stands.
    pub governance: Governance,
}

impl Version {
    /// The tag of its present fields.
    pub fn etag(&self) -> String {
        format!("v{}", self.revision)
    }
}

/// A version in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct VersionSummary {
    /// `PROJECT/MODEL:VERSION`.
    #[schema(value_type = String)]
    pub name: VersionRef,
    /// SHA-256 of the manifest of all files.
    #[schema(value_type = String)]
    pub model_digest: Digest,
    /// The workflow's step.
    pub step: String,
    /// The sign-off's status.
    #[schema(value_type = String)]
    pub status: Status,
    /// The round.
    pub round: u32,
    /// When it was registered.
    #[schema(value_type = String)]
    pub created_at: Timestamp,
}

/// Where a version stands: what its page, the API and registry tags show.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Governance {
    /// The step that is ongoing.
    pub step: String,
    /// All steps in order.
    pub steps: Vec<Step>,
    /// The sign-off's status.
    #[schema(value_type = String)]
    pub status: Status,
    /// The round.
    pub round: u32,
    /// Issues, minor and major, among the current answers.
    pub open_issues: u64,
    /// Whether nothing of the version may change until a reset.
    pub locked: bool,
    /// Whose turn it is.
    pub turns: Vec<Turn>,
    /// When the approval ends, if it does.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub not_after: Option<Timestamp>,
    /// The version's page.
    pub link: String,
}

/// A step of the workflow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Step {
    /// Its name.
    pub name: String,
    /// How far the version is with it.
    #[schema(value_type = String)]
    pub status: StepStatus,
    /// Whether it carries the sign-off.
    pub sign_off: bool,
}

/// Who is expected to act.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Turn {
    /// What is expected.
    #[schema(value_type = String)]
    pub expected: Expected,
    /// The slot, where it is feedback.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub slot: Option<String>,
    /// Display names; any one of them.
    pub people: Vec<String>,
    /// Why.
    pub why: String,
    /// Since when.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub since: Option<Timestamp>,
}

impl Turn {
    /// The slot of a task, if it is one of feedback.
    pub(crate) fn slot(task: Option<&Task>) -> Option<String> {
        match task {
            Some(Task::Feedback(slot)) => Some(slot.to_string()),
            Some(Task::FinalApproval) | None => None,
        }
    }
}

/// One file of a version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FileView {
    /// Its name in the manifest.
    pub name: String,
    /// Its content.
    #[schema(value_type = String)]
    pub sha256: Digest,
    /// Its bytes.
    pub size: u64,
}

/// An upload in progress.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Upload {
    /// Its id.
    #[schema(value_type = String)]
    pub id: UploadId,
    /// When it is forgotten.
    #[schema(value_type = String)]
    pub expires_at: Timestamp,
    /// What is taken.
    pub limits: UploadLimits,
    /// What was received so far.
    pub files: Vec<FileView>,
}

/// The bounds of an upload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UploadLimits {
    /// Bytes of one file.
    pub file_bytes: u64,
    /// Bytes of all files of a version.
    pub version_bytes: u64,
    /// Files of a version.
    pub version_files: u64,
}

/// Makes a version of an upload's files.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateVersionRequest {
    /// The upload.
    #[schema(value_type = String)]
    pub upload: UploadId,
    /// The model digest that the client computed; another one is an error.
    #[schema(value_type = Option<String>)]
    #[serde(default)]
    pub model_digest: Option<Digest>,
    /// The governed fields.
    #[schema(value_type = Object)]
    #[serde(default)]
    pub fields: Fields,
}

/// Changes governed fields; each that is given takes the place of what was there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ChangeFieldsRequest {
    /// Metrics.
    pub metrics: Option<BTreeMap<String, f64>>,
    /// Parameters.
    pub params: Option<BTreeMap<String, String>>,
    /// Tags.
    pub tags: Option<BTreeMap<String, String>>,
    /// Notes.
    pub notes: Option<String>,
    /// Input and output schema.
    pub signature: Option<Value>,
    /// Where the version comes from.
    #[schema(value_type = Option<Object>)]
    pub source: Option<Source>,
    /// Authors.
    pub authors: Option<Vec<String>>,
}

/// A signed statement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct StatementView {
    /// Its id.
    #[schema(value_type = String)]
    pub id: StatementId,
    /// `decision` or `permit`.
    pub kind: String,
    /// The round of the sign-off.
    pub round: u32,
    /// When it was signed.
    #[schema(value_type = String)]
    pub issued_at: Timestamp,
    /// When it ends, if it does.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub not_after: Option<Timestamp>,
    /// The DSSE envelope.
    #[schema(value_type = Object)]
    pub envelope: Value,
}
