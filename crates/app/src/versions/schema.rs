//! The schema that an ONNX file declares, in the form in which versions have signatures.

use serde_json::{Map, Value, json};
use servable::onnx::{Dimension, OnnxDescription, OnnxValue};

/// The signature that the file of this name declares: `inputs` and `outputs` with names, types and shapes (-1 for a size that is open), and
/// beside them who wrote the file and of which operators the model is made.
pub(super) fn signature(file: &str, described: OnnxDescription) -> Value {
    let values = |values: Vec<OnnxValue>| values.into_iter().map(value).collect::<Vec<_>>();
    json!({
        "read_from": file,
        "inputs": values(described.inputs),
        "outputs": values(described.outputs),
        "producer": described.producer,
        "opsets": described.opsets,
        "operators": described.operators,
    })
}

fn value(described: OnnxValue) -> Value {
    let mut value = Map::from_iter([("name".to_owned(), described.name.into()), ("datatype".to_owned(), described.kind.into())]);
    let size = |size| match size {
        Dimension::Size(size) => size.into(),
        Dimension::Named(name) => Value::String(name),
        Dimension::Any => (-1).into(),
    };
    if let Some(shape) = described.shape {
        value.insert("shape".to_owned(), shape.into_iter().map(size).collect());
    }
    Value::Object(value)
}
