//! The evidence of a version: what its fields and files say, whole or in part.

use app::{
    Error, OpContext, versions,
    views::{FileView, Version},
};
use domain::comparison::{self, SchemaChange};
use serde_json::Value;

/// One kind of evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tab {
    Summary,
    Metrics,
    Parameters,
    Schema,
    Files,
    Notes,
    History,
}

/// Each tab with its name in the address, and its words.
const TABS: [(Tab, &str, &str); 7] = [
    (Tab::Summary, "", "Summary"),
    (Tab::Metrics, "metrics", "Metrics"),
    (Tab::Parameters, "parameters", "Parameters"),
    (Tab::Schema, "schema", "Schema"),
    (Tab::Files, "files", "Files"),
    (Tab::Notes, "notes", "Notes"),
    (Tab::History, "history", "History"),
];

impl Tab {
    /// The tab of this name in an address.
    pub(super) fn of(name: &str) -> Option<Self> {
        TABS.iter().find(|(_, known, _)| !name.is_empty() && *known == name).map(|(tab, ..)| *tab)
    }

    pub(super) fn name(&self) -> &'static str {
        TABS.iter().find(|(tab, ..)| tab == self).map_or("", |(_, name, _)| name)
    }

    /// Whether the page with this tab shows that kind of evidence.
    pub(super) fn shows(&self, kind: &str) -> bool {
        *self == Self::Summary || self.name() == kind
    }

    pub(super) fn is_summary(&self) -> bool {
        *self == Self::Summary
    }

    pub(super) fn is_history(&self) -> bool {
        *self == Self::History
    }
}

/// What the page shows of fields and files.
pub(super) struct Evidence {
    /// Name, words and number of each tab.
    pub(super) tabs: Vec<(&'static str, &'static str, usize)>,
    pub(super) files: Vec<FileView>,
    /// What is said of where the version comes from.
    pub(super) source: Vec<(&'static str, String)>,
    /// The inputs and outputs that the schema declares, as far as its form can be read: side, name, type.
    pub(super) values: Vec<(&'static str, String, String)>,
    /// What the schema says of the model's file beside that: who wrote the file, of what the model is made.
    pub(super) made_of: Vec<(&'static str, String)>,
    /// The schema as it was given.
    pub(super) schema: String,
}

impl Evidence {
    pub(super) async fn load(op: &OpContext, version: &Version, tab: Tab) -> Result<Self, Error> {
        let fields = &version.fields;
        let files = if tab.shows("files") { versions::files::list(op, &version.name).await?.items } else { Vec::new() };
        let number = |tab: Tab| match tab {
            Tab::Metrics => fields.metrics.len(),
            Tab::Parameters => fields.params.len(),
            Tab::Files => usize::try_from(version.files).unwrap_or(usize::MAX),
            Tab::Summary | Tab::Schema | Tab::Notes | Tab::History => 0,
        };
        let source = [
            ("Training data", fields.source.data.clone()),
            ("Commit", fields.source.commit.clone()),
            ("Run", fields.source.run.clone()),
            ("Owner of the run", fields.source.run_owner.clone()),
            ("Authors", (!fields.authors.is_empty()).then(|| fields.authors.join(", "))),
        ];
        let schema = fields.signature.as_ref().map(|schema| serde_json::to_string_pretty(schema).map_err(Error::internal));
        Ok(Self {
            tabs: TABS.iter().map(|(tab, name, words)| (*name, *words, number(*tab))).collect(),
            files,
            source: source.into_iter().filter_map(|(what, value)| Some((what, value?))).collect(),
            values: fields.signature.as_ref().map(values).unwrap_or_default(),
            made_of: fields.signature.as_ref().map(made_of).unwrap_or_default(),
            schema: schema.transpose()?.unwrap_or_default(),
        })
    }
}

fn values(signature: &Value) -> Vec<(&'static str, String, String)> {
    match comparison::schema(None, Some(signature)) {
        SchemaChange::Values(values) => {
            values.into_iter().map(|value| (value.side.as_str(), value.name, value.later.unwrap_or_default())).collect()
        }
        SchemaChange::Unread { .. } | SchemaChange::None => Vec::new(),
    }
}

/// What stands in a schema that the server read from an ONNX file.
fn made_of(signature: &Value) -> Vec<(&'static str, String)> {
    let Some(file) = signature["read_from"].as_str() else { return Vec::new() };
    let listed = |key: &str, mark: &str| {
        let entries = signature[key].as_object().into_iter().flatten();
        entries.map(|(name, number)| format!("{name}{mark}{number}")).collect::<Vec<_>>().join(", ")
    };
    let producer = signature["producer"].as_str().unwrap_or_default().to_owned();
    let facts = [
        ("Read from", file.to_owned()),
        ("Written by", producer),
        ("Operators", listed("operators", " × ")),
        ("Operator sets", listed("opsets", " ")),
    ];
    facts.into_iter().filter(|(_, fact)| !fact.is_empty()).collect()
}
