//! The evidence of a version: what its fields and files say, whole or in part.

use app::{
    Error, OpContext, versions,
    views::{FileView, Version},
};

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
            schema: schema.transpose()?.unwrap_or_default(),
        })
    }
}
