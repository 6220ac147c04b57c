//! Predictions of a node.

use super::{Cell, Show, Table, Text, facts, section};
use serde::Serialize;
use serde_json::Value;

/// How many rows are shown.
const MOST_ROWS: usize = 50;

/// A prediction, and the version that made it.
#[derive(Debug, Default, Serialize)]
pub struct Prediction {
    /// The version, as the node names it.
    pub version: Option<String>,
    /// The bytes of the version.
    pub model_digest: Option<String>,
    /// Whether the version is approved.
    pub approved: Option<bool>,
    /// The revision of the deployment.
    pub revision: Option<u32>,
    /// The address of the node.
    pub node: String,
    /// The answer of the model, in the Open Inference Protocol.
    pub answer: Value,
}

/// The version, and a row for each prediction.
pub fn card(prediction: &Prediction) -> Text {
    let head = facts(&[
        ("version", &prediction.version),
        ("model digest", &prediction.model_digest),
        ("approved", &prediction.approved),
        ("revision", &prediction.revision),
        ("node", &prediction.node),
    ]);
    let outputs = prediction.answer["outputs"].as_array().map_or(&[][..], Vec::as_slice);
    let columns: Vec<_> = outputs.iter().map(by_row).collect();
    let count = columns.iter().map(Vec::len).max().unwrap_or(0);
    let names: Vec<_> = outputs.iter().map(|output| output["name"].cell()).collect();
    let headings: Vec<_> = ["ROW"].into_iter().chain(names.iter().map(Cell::as_str)).collect();
    let rows: Vec<_> = (0..count.min(MOST_ROWS)).collect();
    let row = |row: &usize| {
        let cells = columns.iter().map(|column| column.get(*row).cloned().unwrap_or_else(|| Cell::new("")));
        std::iter::once(row.cell()).chain(cells).collect()
    };
    let more = if count > MOST_ROWS { Text::line(format!("… {count} rows; --output json shows all")) } else { Text::none() };
    head + section("Outputs", &(Table::of(&headings, &rows, row).text("Nothing.") + more))
}

/// The values of an output as one cell for each step of its first dimension.
fn by_row(output: &Value) -> Vec<Cell> {
    let mut values = Vec::new();
    flatten(&output["data"], &mut values);
    let rows = output["shape"][0].as_u64().and_then(|rows| usize::try_from(rows).ok()).unwrap_or(1);
    let width = values.len().checked_div(rows).unwrap_or(0).max(1);
    let cell = |chunk: &[&Value]| Cell::new(chunk.iter().map(|value| value.cell().to_string()).collect::<Vec<_>>().join(", "));
    values.chunks(width).map(cell).collect()
}

fn flatten<'a>(data: &'a Value, values: &mut Vec<&'a Value>) {
    match data {
        Value::Array(items) => items.iter().for_each(|item| flatten(item, values)),
        Value::Null => {}
        value => values.push(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn shown(outputs: Value) -> String {
        let answer = json!({"outputs": outputs});
        card(&Prediction { answer, ..Prediction::default() }).as_str().to_owned()
    }

    #[test]
    fn outputs_are_rows() {
        let answer = json!({"outputs": [
            {"name": "label", "shape": [2], "datatype": "BYTES", "data": ["benign", "ma\u{1b}[31mlignant"]},
            {"name": "probabilities", "shape": [2, 2], "datatype": "FP32", "data": [[0.9, 0.1], [0.25, 0.75]]},
            {"name": "flat", "shape": [2, 2], "datatype": "FP32", "data": [1, 2, 3, 4]},
            {"name": "short", "shape": [1], "datatype": "BOOL", "data": [true]},
        ]});
        let version = Some("diagnosis/tumour:1".to_owned());
        let prediction = Prediction { version, approved: Some(true), revision: Some(3), answer, ..Prediction::default() };
        assert_eq!(
            card(&prediction).as_str(),
            "version   diagnosis/tumour:1\napproved  yes\nrevision  3\n\nOutputs\n  ROW  label          probabilities  flat  short\n  \
             0    benign         0.9, 0.1       1, 2  yes\n  1    ma[31mlignant  0.25, 0.75     3, 4  -\n"
        );
        assert!(shown(json!([])).contains("Nothing."));
        let hostile = shown(json!([{"name": "x", "shape": [u64::MAX], "data": [1, 2]}, {"shape": [0], "data": []}]));
        assert!(hostile.contains("\n  1    2"), "{hostile}");
        let many = shown(json!([{"name": "x", "shape": [200], "data": vec![1; 200]}]));
        assert!(many.contains("200 rows") && many.lines().count() < 60);
    }
}
