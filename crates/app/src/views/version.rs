//! Versions, their files and uploads, and their governance status.

use super::{ActView, AwayPerson, schema};
use crate::base::tag::Tag;
use domain::{
    Digest, Name, StatementId, StepName, Timestamp, UploadId, VersionRef,
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
    #[schema(value_type = schema::VersionRef)]
    pub name: VersionRef,
    /// SHA-256 of the manifest of all files.
    #[schema(value_type = schema::Digest)]
    pub model_digest: Digest,
    /// The number of files.
    pub files: u64,
    /// The size of all files together, in bytes.
    pub size: u64,
    /// The governed fields.
    #[schema(value_type = Object)]
    pub fields: Fields,
    /// The authors whom the fields name, or ever named, and the accounts that the server takes each for.
    #[serde(default)]
    pub authors: Vec<AuthorView>,
    /// The names of the accounts that changed the fields. For the duty rules they are authors.
    #[schema(value_type = Vec<schema::Name>)]
    #[serde(default)]
    pub editors: Vec<Name>,
    /// The display name of the uploader, at that time.
    pub uploader: String,
    /// The name of the uploader's account at that time.
    #[schema(value_type = Option<schema::Name>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub uploader_account: Option<Name>,
    /// When the version was registered.
    #[schema(value_type = schema::Timestamp)]
    pub created_at: Timestamp,
    /// Rejections and revocations of the same bytes under other names, the last one first.
    pub same_bytes: Vec<SameBytes>,
    /// The number of changes of the fields.
    pub revision: u64,
    /// The digest of the governed fields.
    #[schema(value_type = schema::Digest)]
    pub shown: Digest,
    /// Why no node can serve the version, as far as its files show.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub warnings: Vec<String>,
    /// The governance status.
    pub governance: Governance,
}

impl Version {
    /// The ETag of the present fields.
    pub fn etag(&self) -> Tag {
        Tag::Version(self.revision)
    }
}

/// An author whom the fields of a version name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AuthorView {
    /// The author, as written.
    pub written: String,
    /// The accounts that have, or ever had, this name or mail address; empty if the author bars nobody.
    #[schema(value_type = Vec<schema::Name>)]
    pub accounts: Vec<Name>,
}

/// A version in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct VersionSummary {
    /// `PROJECT/MODEL:VERSION`.
    #[schema(value_type = schema::VersionRef)]
    pub name: VersionRef,
    /// SHA-256 of the manifest of all files.
    #[schema(value_type = schema::Digest)]
    pub model_digest: Digest,
    /// The ongoing step of the workflow.
    pub step: String,
    /// The sign-off's status.
    #[schema(value_type = schema::Status)]
    pub status: Status,
    /// The round.
    pub round: u32,
    /// Whether the version is retired.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub retired: bool,
    /// The status of the round that renews the approval; absent without a renewal.
    #[schema(value_type = Option<schema::Status>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub renewal: Option<Status>,
    /// When the version was registered.
    #[schema(value_type = schema::Timestamp)]
    pub created_at: Timestamp,
}

/// The governance status of a version: its page, the API and registry tags show it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Governance {
    /// The ongoing step.
    pub step: String,
    /// All steps in order.
    pub steps: Vec<Step>,
    /// The sign-off's status.
    #[schema(value_type = schema::Status)]
    pub status: Status,
    /// The round.
    pub round: u32,
    /// The round that is to renew the approval, while the approval goes on; absent without a renewal.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub renewal: Option<Renewal>,
    /// The number of minor and major issues among the current answers.
    pub open_issues: u64,
    /// Whether the version is locked until a reset.
    pub locked: bool,
    /// Who retired the version.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub retired: Option<ActView>,
    /// Whose turn it is.
    pub turns: Vec<Turn>,
    /// The end of the approval; absent without an end.
    #[schema(value_type = Option<schema::Timestamp>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub not_after: Option<Timestamp>,
    /// The version's page.
    pub link: String,
}

/// A round that is to renew an approval.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Renewal {
    /// Its number.
    pub round: u32,
    /// Its status.
    #[schema(value_type = schema::Status)]
    pub status: Status,
}

/// A step of the workflow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Step {
    /// The step's name.
    pub name: String,
    /// The status of the step.
    #[schema(value_type = schema::StepStatus)]
    pub status: StepStatus,
    /// Whether the step carries a sign-off.
    pub sign_off: bool,
    /// The status of the step's sign-off.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(value_type = Option<schema::Status>)]
    pub sign_off_status: Option<Status>,
}

/// Who is expected to act.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Turn {
    /// The task.
    #[schema(value_type = schema::Expected)]
    pub expected: Expected,
    /// The slot; absent unless the task is feedback.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub slot: Option<String>,
    /// The display names of the people who can act; one of them is enough.
    pub people: Vec<String>,
    /// Why these people are expected to act, in a sentence.
    pub why: String,
    /// Since when they are expected to act.
    #[schema(value_type = Option<schema::Timestamp>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub since: Option<Timestamp>,
    /// By when, where the project's rules say so.
    #[schema(value_type = Option<schema::Timestamp>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub due: Option<Timestamp>,
    /// Those of the people who are away now.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub away: Vec<AwayPerson>,
}

impl Turn {
    /// The slot of a feedback task.
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
    /// The file's name in the manifest.
    pub name: String,
    /// The SHA-256 of the file.
    #[schema(value_type = schema::Digest)]
    pub sha256: Digest,
    /// The file's size in bytes.
    pub size: u64,
}

/// An upload in progress.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Upload {
    /// Its id.
    #[schema(value_type = schema::Id)]
    pub id: UploadId,
    /// When the server removes the upload.
    #[schema(value_type = schema::Timestamp)]
    pub expires_at: Timestamp,
    /// The limits of the upload.
    pub limits: UploadLimits,
    /// The files received so far.
    pub files: Vec<FileView>,
}

/// Files of a version that the server may have already.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KnownFilesRequest {
    /// The files, at most 1,000.
    #[schema(max_items = 1000)]
    pub files: Vec<AnnouncedFile>,
}

/// A file as somebody has it who is about to send it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnnouncedFile {
    /// The file's name in the manifest.
    pub name: String,
    /// The SHA-256 of the file.
    #[schema(value_type = schema::Digest)]
    pub sha256: Digest,
    /// The file's size in bytes.
    pub size: u64,
}

/// Files that an upload took from the server's own storage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct KnownFiles {
    /// Their names. The other files are to be sent.
    pub files: Vec<String>,
}

/// The bounds of an upload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UploadLimits {
    /// The most bytes of a file.
    pub file_bytes: u64,
    /// The most bytes of all files of a version.
    pub version_bytes: u64,
    /// The most files of a version.
    pub version_files: u64,
}

/// Registers a version from an upload.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateVersionRequest {
    /// The upload.
    #[schema(value_type = schema::Id)]
    pub upload: UploadId,
    /// The model digest that the client computed. The server refuses a version whose digest differs.
    #[schema(value_type = Option<schema::Digest>)]
    #[serde(default)]
    pub model_digest: Option<Digest>,
    /// The governed fields.
    #[schema(value_type = Object)]
    #[serde(default)]
    pub fields: Fields,
}

/// Changes governed fields. A field that is present replaces the old value.
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
    /// The source: run, commit and data.
    #[schema(value_type = Option<Object>)]
    pub source: Option<Source>,
    /// Authors.
    pub authors: Option<Vec<String>>,
}

/// A rejection or revocation of the same bytes under another name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SameBytes {
    /// `PROJECT/MODEL:VERSION`; absent for a version of another project that you may not see.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub version: Option<String>,
    /// `rejected` or `revoked`.
    #[schema(value_type = schema::Status)]
    pub status: Status,
    /// When it was rejected or revoked.
    #[schema(value_type = schema::Timestamp)]
    pub at: Timestamp,
    /// The page of that version.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub link: Option<String>,
}

/// A signed statement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct StatementView {
    /// Its id.
    #[schema(value_type = schema::Id)]
    pub id: StatementId,
    /// `decision` or `permit`.
    pub kind: String,
    /// The step of the sign-off.
    #[schema(value_type = schema::StepName)]
    pub step: StepName,
    /// The round of the sign-off.
    pub round: u32,
    /// When the server signed the statement.
    #[schema(value_type = schema::Timestamp)]
    pub issued_at: Timestamp,
    /// The end of the statement; absent without an end.
    #[schema(value_type = Option<schema::Timestamp>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub not_after: Option<Timestamp>,
    /// The DSSE envelope.
    #[schema(value_type = Object)]
    pub envelope: Value,
}
