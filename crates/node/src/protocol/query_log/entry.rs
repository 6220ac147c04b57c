//! An entry of the query log, as a request leaves it.

use crate::tensor::Tensor;
use std::time::Duration;

/// The most bytes of inputs, in binary form, in a line. A larger request is written without its inputs.
pub(super) const MOST_INPUT_BYTES: usize = 1 << 20;

/// What a request leaves for the query log.
pub(crate) struct QueryRecord {
    pub with_inputs: bool,
    pub inputs: Option<Vec<Tensor>>,
    pub omitted: bool,
}

impl QueryRecord {
    /// Keeps the inputs, if the log asks for them and they are small enough.
    pub(crate) fn keep(&mut self, inputs: &[Tensor]) {
        if !self.with_inputs {
            return;
        }
        self.omitted = bytes_of(inputs) > MOST_INPUT_BYTES;
        // Copied: a reference into the body would keep all of it for as long as the line waits.
        let copied = |tensor: &Tensor| Tensor { data: bytes::Bytes::copy_from_slice(&tensor.data), ..tensor.clone() };
        self.inputs = (!self.omitted).then(|| inputs.iter().map(copied).collect());
    }
}

/// A line, before it is text.
pub(super) struct Entry {
    pub time: i64,
    pub service: String,
    pub version: String,
    pub digest: String,
    pub status: u16,
    pub latency: Duration,
    pub query: QueryRecord,
}

/// The bytes of these tensors together.
pub(super) fn bytes_of(tensors: &[Tensor]) -> usize {
    tensors.iter().map(|tensor| tensor.data.len()).sum()
}
