//! Two versions of a model side by side.

use super::schema;
use domain::{
    Digest, Name, VersionRef,
    comparison::{Direction, Reading, Side},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A version beside another one of its model: what differs, in the order in which a reviewer should see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Comparison {
    /// The version that is looked at.
    #[schema(value_type = schema::VersionRef)]
    pub version: VersionRef,
    /// The version that it is compared with; absent if there is nothing to compare with, and then everything else is empty.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub with: Option<ComparedWith>,
    /// Whether both versions have the same bytes.
    pub same_bytes: bool,
    /// The metrics of both versions, the changes for the worse first.
    pub metrics: Vec<MetricChange>,
    /// The parameters of both versions, those first that differ.
    pub params: Vec<TextChange>,
    /// The tags of both versions, those first that differ.
    pub tags: Vec<TextChange>,
    /// The inputs and outputs of both versions.
    pub schema: SchemaChange,
    /// Training data, commit, run and the run's owner, as far as either version says them.
    pub source: Vec<TextChange>,
    /// The authors whom the two versions name, if they differ.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub authors: Option<AuthorsChange>,
    /// The notes of the two versions, if they differ.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub notes: Option<NotesChange>,
    /// The files.
    pub files: FilesChange,
}

/// The version that another one is compared with, and why that one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ComparedWith {
    /// `PROJECT/MODEL:VERSION`.
    #[schema(value_type = schema::VersionRef)]
    pub version: VersionRef,
    /// Why that version.
    pub because: Because,
    /// The infrastructure where that version is in production.
    #[schema(value_type = Option<schema::Name>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub infrastructure: Option<Name>,
}

/// Why a version is compared with another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Because {
    /// The caller asked for it.
    Asked,
    /// It is in production.
    InProduction,
    /// No other version is in production, and it is the newest approved one.
    NewestApproved,
}

/// A metric of two versions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MetricChange {
    /// The metric's name.
    pub name: String,
    /// The value of the other version.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub earlier: Option<f64>,
    /// The value of this version.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub later: Option<f64>,
    /// The difference of the two.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub difference: Option<f64>,
    /// Which values are good, as far as the name says: `higher`, `lower` or `unknown`.
    #[schema(value_type = schema::Direction)]
    pub direction: Direction,
    /// How the change reads: `worse`, `gone`, `changed`, `added`, `better` or `same`.
    #[schema(value_type = schema::Reading)]
    pub reading: Reading,
}

/// A text of two versions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TextChange {
    /// The name of the parameter, tag or part of the source.
    pub name: String,
    /// The text of the other version.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub earlier: Option<String>,
    /// The text of this version.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub later: Option<String>,
    /// Whether the two differ.
    pub differs: bool,
}

/// The inputs and outputs of two versions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SchemaChange {
    /// Whether both signatures could be read. If not, only `differs` says something.
    pub read: bool,
    /// Whether they differ.
    pub differs: bool,
    /// Each input and output, those first that break callers.
    pub values: Vec<ValueChange>,
}

/// An input or output of two versions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ValueChange {
    /// `input` or `output`.
    #[schema(value_type = schema::Side)]
    pub side: Side,
    /// Its name.
    pub name: String,
    /// Its type in the other version.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub earlier: Option<String>,
    /// Its type in this version.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub later: Option<String>,
    /// Whether it differs.
    pub differs: bool,
    /// Whether programs that call the other version fail with this one, as far as names and types tell.
    pub breaking: bool,
}

/// The authors of two versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuthorsChange {
    /// Those of the other version, as written.
    pub earlier: Vec<String>,
    /// Those of this version, as written.
    pub later: Vec<String>,
}

/// The notes of two versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NotesChange {
    /// Those of the other version.
    pub earlier: String,
    /// Those of this version.
    pub later: String,
}

/// The files of two versions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FilesChange {
    /// How many files are equal.
    pub equal: u64,
    /// How many files differ, or are in one version only.
    pub differ: u64,
    /// The first 500 of them, in the order of their names.
    pub changes: Vec<FileChange>,
}

/// A file of two versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FileChange {
    /// The file's name.
    pub name: String,
    /// The file of the other version.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub earlier: Option<FileContent>,
    /// The file of this version.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub later: Option<FileContent>,
}

/// What is in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FileContent {
    /// The SHA-256 of the file.
    #[schema(value_type = schema::Digest)]
    pub sha256: Digest,
    /// The file's size in bytes.
    pub size: u64,
}
