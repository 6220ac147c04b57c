//! The filters of the record, as they stand in the address of the page and of its exports.

use crate::pages::parts;
use app::views::{EventGroup, RecordQuery};
use domain::{Name, Timestamp};
use std::collections::HashMap;

/// The filters as they stand in the address.
#[derive(Clone, Debug, Default)]
pub(super) struct Filters {
    pub(super) q: String,
    pub(super) who: String,
    pub(super) kind: String,
    pub(super) since: String,
    pub(super) until: String,
    pub(super) after: String,
    pub(super) before: String,
}

const NAMES: [&str; 7] = ["q", "who", "kind", "since", "until", "after", "before"];

impl Filters {
    pub(super) fn of(query: &HashMap<String, String>) -> Self {
        let text = |name: &str| query.get(name).map(|text| text.trim().to_owned()).unwrap_or_default();
        let [q, who, kind, since, until, after, before] = NAMES.map(text);
        Self { q, who, kind, since, until, after, before }
    }

    /// What the use case is asked for, or what is wrong with a filter.
    pub(super) fn wanted(&self, project: Option<&Name>) -> Result<RecordQuery, String> {
        let day = |text: &str, shift: i64| match text {
            "" => Ok(None),
            text => match format!("{text}T00:00:00Z").parse::<Timestamp>() {
                Ok(day) => Ok(Some(Timestamp::from_micros(day.micros() + shift * 86_400_000_000))),
                Err(_) => Err(format!("“{text}” is no day: write it like 2026-03-08")),
            },
        };
        let kinds = match self.kind.as_str() {
            "" => None,
            kind => Some(EventGroup::of(kind).ok_or_else(|| format!("there is no group of events “{kind}”"))?),
        };
        Ok(RecordQuery {
            project: project.cloned(),
            object: self.q.clone(),
            actor: self.who.clone(),
            kinds,
            since: day(&self.since, 0)?,
            // The day itself is wanted too.
            until: day(&self.until, 1)?,
            after: self.after.parse().ok(),
            before: self.before.parse().ok(),
        })
    }

    pub(super) fn pairs(&self) -> [(&'static str, &str); 5] {
        [("q", &self.q), ("who", &self.who), ("kind", &self.kind), ("since", &self.since), ("until", &self.until)]
    }
}

/// The names of parameters that no filter has: they are ignored, and that is said.
pub(super) fn unknown(query: &HashMap<String, String>) -> String {
    let mut names: Vec<_> =
        query.keys().filter(|name| !NAMES.contains(&name.as_str())).map(|name| parts::clipped(name, 40)).collect();
    names.sort();
    names.join(", ")
}
