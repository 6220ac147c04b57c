//! Which values of a metric are good, judged by the metric's name, and how a change of it reads.

use crate::people::words;
use serde::{Deserialize, Serialize};

/// Which values of a metric are good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Higher values are better.
    Higher,
    /// Lower values are better.
    Lower,
    /// The name does not say it, so no change of it is judged.
    Unknown,
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
