//! Which values of a metric are good, judged by what the project says or by the metric's name, and how a change of it reads.

use crate::{name::is_plain_line, people::words};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Which values of a metric are good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Higher values are better.
    Higher,
    /// Lower values are better.
    Lower,
    /// It is not known, so no change of it is judged.
    Unknown,
}

/// What a project says of its metrics: which values of each are good. Names that are not in it speak for themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<String, Direction>")]
pub struct MetricDirections(BTreeMap<String, Direction>);

/// Directions that a project cannot have.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum MetricDirectionsError {
    /// Too many names.
    #[error("directions for {0} metrics are too many: name {MOST_DIRECTIONS} at most")]
    TooMany(usize),
    /// A name that no metric has.
    #[error("`{0}` is no name of a metric: write one line of up to 200 characters")]
    Name(String),
}

/// How many metrics a project can give a direction.
const MOST_DIRECTIONS: usize = 200;

impl TryFrom<BTreeMap<String, Direction>> for MetricDirections {
    type Error = MetricDirectionsError;

    fn try_from(directions: BTreeMap<String, Direction>) -> Result<Self, Self::Error> {
        if directions.len() > MOST_DIRECTIONS {
            return Err(MetricDirectionsError::TooMany(directions.len()));
        }
        match directions.keys().find(|name| !is_plain_line(name, 200)) {
            Some(name) => Err(MetricDirectionsError::Name(name.chars().take(80).collect())),
            None => Ok(Self(directions)),
        }
    }
}

impl MetricDirections {
    /// Whether the project says nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each named metric with its direction.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Direction)> {
        self.0.iter().map(|(name, direction)| (name.as_str(), *direction))
    }

    /// The direction of a metric: what the project says, or else what the well-known words in the name say.
    pub fn of(&self, name: &str) -> Direction {
        self.0.get(name).copied().unwrap_or_else(|| Direction::of(name))
    }
}

/// How a change of a metric reads, in the order in which a reviewer should see the changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    /// The later value is worse.
    Worse,
    /// Only the earlier version has the metric.
    Gone,
    /// The values differ, and which one is better is not known.
    Changed,
    /// Only the later version has the metric.
    Added,
    /// The later value is better.
    Better,
    /// The values are equal.
    Same,
}

words! {
    Direction { Higher = "higher", Lower = "lower", Unknown = "unknown" }
    Reading { Worse = "worse", Gone = "gone", Changed = "changed", Added = "added", Better = "better", Same = "same" }
}

/// Words in names of metrics whose higher values are better.
const HIGHER: &[&str] = &[
    "acc",
    "accuracy",
    "ap",
    "auc",
    "auprc",
    "auroc",
    "bleu",
    "dice",
    "f1",
    "f2",
    "gini",
    "iou",
    "jaccard",
    "kappa",
    "ks",
    "map",
    "mcc",
    "ndcg",
    "npv",
    "ppv",
    "precision",
    "r2",
    "recall",
    "rouge",
    "sensitivity",
    "specificity",
    "throughput",
];

/// Words in names of metrics whose lower values are better.
const LOWER: &[&str] = &[
    "brier",
    "cer",
    "deviance",
    "ece",
    "error",
    "fnr",
    "fpr",
    "latency",
    "logloss",
    "loss",
    "mae",
    "mape",
    "mase",
    "mse",
    "perplexity",
    "psi",
    "rmse",
    "rmsle",
    "smape",
    "wer",
];

impl Direction {
    /// The direction of a metric by the well-known words in its name: `val_loss` is better when it is lower. A name with words of both
    /// kinds, like `recall_loss`, has no known direction.
    pub fn of(name: &str) -> Self {
        let name = name.to_lowercase();
        let words: Vec<_> = name.split(|character: char| !character.is_alphanumeric()).collect();
        let has = |list: &[&str]| words.iter().any(|word| list.contains(word));
        match (has(HIGHER), has(LOWER)) {
            (true, false) => Self::Higher,
            (false, true) => Self::Lower,
            _ => Self::Unknown,
        }
    }
}

impl Reading {
    /// How the change from the earlier value to the later one reads.
    pub fn of(direction: Direction, earlier: Option<f64>, later: Option<f64>) -> Self {
        let (Some(earlier), Some(later)) = (earlier, later) else {
            return if earlier.is_some() { Self::Gone } else { Self::Added };
        };
        if earlier == later {
            return Self::Same;
        }
        match direction {
            Direction::Unknown => Self::Changed,
            Direction::Higher if later > earlier => Self::Better,
            Direction::Lower if later < earlier => Self::Better,
            Direction::Higher | Direction::Lower => Self::Worse,
        }
    }
}
