//! Compares what two versions say of themselves, for the people who review one of them: which metric reads as better or worse, and
//! which change of inputs and outputs breaks callers. Nothing is decided by it.

mod metric;
mod schema;

pub use metric::{Direction, MetricDirections, MetricDirectionsError, Reading};
pub use schema::{SchemaChange, Side, ValueChange};

use crate::fields::Fields;
use serde_json::Value;
use std::collections::BTreeSet;

/// A metric of two versions.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricChange {
    /// The metric's name.
    pub name: String,
    /// The value of the earlier version.
    pub earlier: Option<f64>,
    /// The value of the later version.
    pub later: Option<f64>,
    /// Which values of it are good.
    pub direction: Direction,
    /// How the change reads.
    pub reading: Reading,
}

/// A text of two versions by its name: a parameter, a tag, a part of the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextChange {
    /// The name.
    pub name: String,
    /// The text of the earlier version.
    pub earlier: Option<String>,
    /// The text of the later version.
    pub later: Option<String>,
}

/// The metrics of both versions, judged by these directions, those first that a reviewer should see first: worse, gone, changed, added, better, same. Among them
/// the largest change first, as a part of the earlier value.
pub fn metrics(earlier: &Fields, later: &Fields, directions: &MetricDirections) -> Vec<MetricChange> {
    let names: BTreeSet<_> = earlier.metrics.keys().chain(later.metrics.keys()).collect();
    let change = |name: &String| {
        let (earlier, later) = (earlier.metrics.get(name).copied(), later.metrics.get(name).copied());
        let direction = directions.of(name);
        MetricChange { name: name.clone(), earlier, later, direction, reading: Reading::of(direction, earlier, later) }
    };
    let mut changes: Vec<_> = names.into_iter().map(change).collect();
    changes.sort_by(|a, b| a.reading.cmp(&b.reading).then(b.part().total_cmp(&a.part())));
    changes
}

impl MetricChange {
    /// The later value less the earlier one, where there are both.
    pub fn difference(&self) -> Option<f64> {
        Some(self.later? - self.earlier?)
    }

    /// How large the change is as a part of the earlier value.
    fn part(&self) -> f64 {
        let difference = self.difference().unwrap_or_default().abs();
        match self.earlier {
            Some(earlier) if earlier != 0.0 => difference / earlier.abs(),
            _ => difference,
        }
    }
}

/// The parameters of both versions, those first that differ.
pub fn params(earlier: &Fields, later: &Fields) -> Vec<TextChange> {
    texts(
        earlier.params.iter().map(|(name, text)| (name.as_str(), text)),
        later.params.iter().map(|(name, text)| (name.as_str(), text)),
    )
}

/// The tags of both versions, those first that differ.
pub fn tags(earlier: &Fields, later: &Fields) -> Vec<TextChange> {
    texts(
        earlier.tags.iter().map(|(name, text)| (name.as_str(), text)),
        later.tags.iter().map(|(name, text)| (name.as_str(), text)),
    )
}

/// Where the two versions come from, as far as either says it: training data, commit, run and the run's owner.
pub fn source(earlier: &Fields, later: &Fields) -> Vec<TextChange> {
    let (old, new) = (&earlier.source, &later.source);
    let parts = [
        ("data", &old.data, &new.data),
        ("commit", &old.commit, &new.commit),
        ("run", &old.run, &new.run),
        ("run_owner", &old.run_owner, &new.run_owner),
    ];
    let said = parts.into_iter().filter(|(_, old, new)| old.is_some() || new.is_some());
    said.map(|(name, old, new)| TextChange { name: name.to_owned(), earlier: old.clone(), later: new.clone() }).collect()
}

/// The inputs and outputs of both versions.
pub fn schema(earlier: Option<&Value>, later: Option<&Value>) -> SchemaChange {
    schema::compare(earlier, later)
}

fn texts<'a>(
    earlier: impl Iterator<Item = (&'a str, &'a String)>,
    later: impl Iterator<Item = (&'a str, &'a String)>,
) -> Vec<TextChange> {
    let mut changes = std::collections::BTreeMap::<&str, TextChange>::new();
    let empty = |name: &str| TextChange { name: name.to_owned(), earlier: None, later: None };
    for (name, text) in earlier {
        changes.entry(name).or_insert_with(|| empty(name)).earlier = Some(text.clone());
    }
    for (name, text) in later {
        changes.entry(name).or_insert_with(|| empty(name)).later = Some(text.clone());
    }
    let mut changes: Vec<_> = changes.into_values().collect();
    // The order by name stays among those that differ, and among those that do not.
    changes.sort_by_key(|change| !change.differs());
    changes
}

impl TextChange {
    /// Whether the two texts differ.
    pub fn differs(&self) -> bool {
        self.earlier != self.later
    }
}
