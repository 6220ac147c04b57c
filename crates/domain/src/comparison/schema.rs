//! Compares the inputs and outputs that two versions declare. It reads the forms in which tools write a signature: an object with
//! `inputs` and `outputs`, each a list of objects with a name and a type, or such a list as JSON text, as MLflow writes it.

use crate::people::words;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// Whether a value goes in or comes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Callers send it.
    Input,
    /// The model answers with it.
    Output,
}

words! {
    Side { Input = "input", Output = "output" }
}

/// How the inputs and outputs of two versions differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemaChange {
    /// Each value that either version has, breaking changes first.
    Values(Vec<ValueChange>),
    /// One of the two signatures is in a form that cannot be read: all that is known is whether the two are equal.
    Unread {
        /// Whether they are equal.
        equal: bool,
    },
    /// Neither version has a signature.
    None,
}

/// An input or output of two versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueChange {
    /// Whether it goes in or comes out.
    pub side: Side,
    /// Its name.
    pub name: String,
    /// Its type in the earlier version.
    pub earlier: Option<String>,
    /// Its type in the later version.
    pub later: Option<String>,
    /// Whether programs that call the earlier version fail with the later one, as far as names and types tell.
    pub breaking: bool,
}

impl ValueChange {
    /// Whether the two versions differ in it.
    pub fn differs(&self) -> bool {
        self.earlier != self.later || self.breaking
    }
}

/// A value that a signature declares.
struct Declared {
    kind: String,
    required: bool,
}

type Values = BTreeMap<(Side, String), Declared>;

pub(super) fn compare(earlier: Option<&Value>, later: Option<&Value>) -> SchemaChange {
    if earlier.is_none() && later.is_none() {
        return SchemaChange::None;
    }
    let (Some(old), Some(new)) = (read(earlier), read(later)) else {
        return SchemaChange::Unread { equal: earlier == later };
    };
    let mut keys: Vec<_> = old.keys().chain(new.keys()).collect();
    keys.sort();
    keys.dedup();
    let change = |key: &(Side, String)| {
        let (before, after) = (old.get(key), new.get(key));
        ValueChange {
            side: key.0,
            name: key.1.clone(),
            earlier: before.map(|value| value.kind.clone()),
            later: after.map(|value| value.kind.clone()),
            // Without an earlier signature nobody knows what callers send.
            breaking: earlier.is_some() && breaks(key.0, before, after),
        }
    };
    let mut changes: Vec<_> = keys.into_iter().map(change).collect();
    // The order by side and name stays within each of the three.
    changes.sort_by_key(|change| (!change.breaking, !change.differs()));
    SchemaChange::Values(changes)
}

fn breaks(side: Side, before: Option<&Declared>, after: Option<&Declared>) -> bool {
    match (before, after) {
        (Some(before), Some(after)) => before.kind != after.kind || (side == Side::Input && after.required && !before.required),
        // Callers must send a new input, and read a new output or not.
        (None, Some(after)) => side == Side::Input && after.required,
        // A server refuses an input that the model does not have; callers miss an output.
        (Some(_), None) => true,
        (None, None) => false,
    }
}

/// The values of a signature; none if the signature has another form. No signature declares no values.
fn read(signature: Option<&Value>) -> Option<Values> {
    let mut values = Values::new();
    let Some(signature) = signature else {
        return Some(values);
    };
    let signature = signature.as_object()?;
    if !signature.contains_key("inputs") && !signature.contains_key("outputs") {
        return None;
    }
    for (key, side) in [("inputs", Side::Input), ("outputs", Side::Output)] {
        let list = match signature.get(key) {
            None | Some(Value::Null) => continue,
            Some(Value::String(text)) => serde_json::from_str(text).ok()?,
            Some(list) => list.clone(),
        };
        for (place, value) in list.as_array()?.iter().enumerate() {
            let value = value.as_object()?;
            let name = match value.get("name") {
                Some(Value::String(name)) => name.clone(),
                // A model with one tensor may leave its name out.
                None | Some(Value::Null) => (place + 1).to_string(),
                Some(_) => return None,
            };
            let required = value.get("required").and_then(Value::as_bool).unwrap_or(true)
                && !value.get("optional").and_then(Value::as_bool).unwrap_or(false);
            values.insert((side, name), Declared { kind: kind(value)?, required });
        }
    }
    Some(values)
}

/// The type of a value in one form, however the tool writes it: `float32 [-1, 30]`.
fn kind(value: &serde_json::Map<String, Value>) -> Option<String> {
    // MLflow writes a tensor as {"type": "tensor", "tensor-spec": {"dtype": …, "shape": […]}}.
    let tensor = value.get("tensor-spec").and_then(Value::as_object).unwrap_or(value);
    let element = ["dtype", "datatype", "type"].into_iter().find_map(|key| tensor.get(key));
    let element = match element? {
        Value::String(text) => element_type(text).to_owned(),
        // A nested type: an array or object of MLflow.
        other => other.to_string(),
    };
    match tensor.get("shape") {
        None | Some(Value::Null) => Some(element),
        Some(shape) => {
            let sizes = shape.as_array()?.iter().map(|size| match size {
                Value::String(name) => name.clone(),
                other => other.to_string(),
            });
            Some(format!("{element} [{}]", sizes.collect::<Vec<_>>().join(", ")))
        }
    }
}

/// ONNX Runtime writes `tensor(float)` for what others call `float32`.
fn element_type(text: &str) -> &str {
    match text.strip_prefix("tensor(").and_then(|rest| rest.strip_suffix(')')) {
        Some("float") => "float32",
        Some("double") => "float64",
        Some(name) => name,
        None => text,
    }
}
