//! A line of the query log.

use super::entry::Entry;
use crate::tensor::{Tensor, json};
use domain::time::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;

#[derive(Serialize)]
struct Line<'a> {
    time: Timestamp,
    service: &'a str,
    version: &'a str,
    digest: &'a str,
    latency_us: u64,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    inputs: Option<Vec<Input<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    inputs_omitted: Option<&'static str>,
}

#[derive(Serialize)]
struct Input<'a> {
    name: &'a str,
    datatype: &'static str,
    shape: &'a [i64],
    /// `None` where it has no form in JSON.
    data: Option<Box<RawValue>>,
}

/// The text of the line, with its end.
pub(super) fn render(entry: &Entry) -> Vec<u8> {
    let input = |tensor: &'_ Tensor| -> Option<Box<RawValue>> {
        let mut text = Vec::new();
        json::write_data(tensor, &mut text).ok()?;
        RawValue::from_string(String::from_utf8(text).ok()?).ok()
    };
    let inputs = entry.query.inputs.as_ref().map(|inputs| {
        let written = |tensor| -> Input<'_> {
            let tensor: &Tensor = tensor;
            Input { name: &tensor.name, datatype: tensor.datatype.as_str(), shape: &tensor.shape, data: input(tensor) }
        };
        inputs.iter().map(written).collect()
    });
    let line = Line {
        time: Timestamp::from_micros(entry.time),
        service: &entry.service,
        version: &entry.version,
        digest: &entry.digest,
        latency_us: u64::try_from(entry.latency.as_micros()).unwrap_or(u64::MAX),
        status: entry.status,
        inputs,
        inputs_omitted: entry.query.omitted.then_some("too large"),
    };
    let mut text = serde_json::to_vec(&line).expect("our own types have a form in JSON");
    text.push(b'\n');
    text
}
