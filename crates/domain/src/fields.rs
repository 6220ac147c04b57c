//! The governed fields of a version: reviewers see them beside the files, and an approval is bound to them.

mod number;

use crate::text::is_blank;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What the version says of itself. All of it is governed: changing any of it makes answers given before stale.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Fields {
    /// Measured figures by name, finite numbers.
    pub metrics: BTreeMap<String, f64>,
    /// Parameters by name, as text.
    pub params: BTreeMap<String, String>,
    /// Tags by name.
    pub tags: BTreeMap<String, String>,
    /// Notes for people, Markdown.
    pub notes: String,
    /// Input and output schema, in whatever format the model's tool writes.
    pub signature: Option<Value>,
    /// Where the version comes from.
    pub source: Source,
    /// Authors beside the uploader: account names, mail addresses or names.
    pub authors: Vec<String>,
}

/// Where a version comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Source {
    /// The run that made it.
    pub run: Option<String>,
    /// The account that owns the run; counts as an author.
    pub run_owner: Option<String>,
    /// The commit of the training code.
    pub commit: Option<String>,
    /// The training data.
    pub data: Option<String>,
}

/// What is wrong with fields.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum FieldsError {
    /// Not a finite number.
    #[error("metric `{0}` is not a finite number")]
    NotFinite(String),
    /// Too many or too long.
    #[error("{0} is too large: at most {1}")]
    TooLarge(&'static str, &'static str),
    /// A key that cannot be shown.
    #[error("`{0}` cannot be the name of a {1}: use 1 to 250 characters on one line")]
    Key(String, &'static str),
}

const MOST_ENTRIES: usize = 2_000;
const LONGEST_KEY: usize = 250;
const LONGEST_VALUE: usize = 8_000;
const LONGEST_NOTES: usize = 100_000;

impl Fields {
    /// Checks bounds and numbers.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn validate(&self) -> Result<(), FieldsError> {
        if let Some((name, _)) = self.metrics.iter().find(|(_, value)| !value.is_finite()) {
            return Err(FieldsError::NotFinite(name.clone()));
        }
        let metrics = self.metrics.keys().map(|key| (key, "metric"));
        let params = self.params.keys().map(|key| (key, "parameter"));
        let tags = self.tags.keys().map(|key| (key, "tag"));
        let wrong = |key: &str| is_blank(key) || key.chars().count() > LONGEST_KEY || key.chars().any(char::is_control);
        if let Some((key, what)) = metrics.chain(params).chain(tags).find(|(key, _)| wrong(key)) {
            return Err(FieldsError::Key(key.escape_debug().take(100).collect(), what));
        }
        if self.metrics.len() + self.params.len() + self.tags.len() > MOST_ENTRIES {
            return Err(FieldsError::TooLarge("the number of metrics, parameters and tags together", "2,000"));
        }
        if self.params.values().chain(self.tags.values()).any(|value| value.len() > LONGEST_VALUE) {
            return Err(FieldsError::TooLarge("a parameter or tag", "8,000 bytes"));
        }
        if self.notes.len() > LONGEST_NOTES {
            return Err(FieldsError::TooLarge("the notes", "100,000 bytes"));
        }
        if self.authors.len() > 100 || self.authors.iter().any(|author| author.len() > LONGEST_KEY) {
            return Err(FieldsError::TooLarge("the list of authors", "100 of 250 bytes each"));
        }
        Ok(())
    }

    /// The names of the fields in which these differ from others: `notes`, `metrics.auc`, `source.commit`.
    pub fn changed(&self, others: &Self) -> BTreeSet<String> {
        changed(&self.governed(), &others.governed())
    }

    /// Whom the fields call an author: the named ones and the owner of the run.
    pub fn named_authors(&self) -> BTreeSet<String> {
        self.authors.iter().chain(self.source.run_owner.iter()).cloned().collect()
    }

    /// The fields as a JSON value without floating-point numbers, ready to be made canonical and hashed. A number has one form, however
    /// it was written: a metric becomes its text, and in the signature a number that not every JSON reader keeps becomes an object
    /// with the text, so that the number 0.5 differs from the text "0.5".
    pub fn governed(&self) -> Value {
        let metrics: Map<_, _> =
            self.metrics.iter().map(|(name, value)| (name.clone(), Value::String(number::text(*value)))).collect();
        json!({
            "metrics": metrics,
            "params": self.params,
            "tags": self.tags,
            "notes": self.notes,
            "signature": self.signature.as_ref().map(number::without_floats),
            "source": self.source,
            "authors": self.authors,
        })
    }
}

/// The names of the fields in which these governed fields differ from others, both as [`Fields::governed`] gives them.
pub fn changed(these: &Value, others: &Value) -> BTreeSet<String> {
    let mut changed = BTreeSet::new();
    for field in keys(these).chain(keys(others)) {
        let (this, other) = (&these[field], &others[field]);
        // A signature is in whatever format its tool writes: its parts say nothing to a reader.
        if this != other && field != "signature" && this.is_object() && other.is_object() {
            let differ = keys(this).chain(keys(other)).filter(|key| this.get(*key) != other.get(*key));
            changed.extend(differ.map(|key| format!("{field}.{key}")));
        } else if this != other {
            changed.insert(field.to_owned());
        }
    }
    changed
}

/// The keys of an object; none of another value.
fn keys(value: &Value) -> impl Iterator<Item = &str> {
    value.as_object().into_iter().flat_map(|fields| fields.keys().map(String::as_str))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_field_is_named() {
        let before = Fields {
            metrics: BTreeMap::from([("auc".to_owned(), 0.5), ("recall".to_owned(), 0.9)]),
            tags: BTreeMap::from([("data".to_owned(), "wdbc".to_owned())]),
            signature: Some(json!({"inputs": [1]})),
            ..Fields::default()
        };
        let after = Fields {
            metrics: BTreeMap::from([("auc".to_owned(), 0.99), ("recall".to_owned(), 0.9)]),
            params: BTreeMap::from([("C".to_owned(), "1".to_owned())]),
            notes: "New.".to_owned(),
            signature: Some(json!({"inputs": [2]})),
            source: Source { commit: Some("abc".to_owned()), ..Source::default() },
            authors: vec!["somebody".to_owned()],
            ..Fields::default()
        };
        let changed: Vec<_> = after.changed(&before).into_iter().collect();
        assert_eq!(changed, ["authors", "metrics.auc", "notes", "params.C", "signature", "source.commit", "tags.data"]);
        assert_eq!(after.changed(&after), BTreeSet::new());
    }
}
