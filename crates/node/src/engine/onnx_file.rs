//! Checks an ONNX file before any library sees it: everything that the model uses must be in the file, with known operators and
//! sane sizes. The check reads the protobuf itself and returns only what the engine needs.

mod walk;
mod wire;

use std::{collections::BTreeMap, ops::Range};

/// The operator domains that a model may use: those of the ONNX standard. Operators of others run other people's code, or are
/// so old or new that nobody checked what they do. Functions that a model defines for itself have to be of these domains, too, and
/// are made of their operators; those of a domain of their own are out: exporters inline them.
pub const DOMAINS: [&str; 3] = ["", "ai.onnx", "ai.onnx.ml"];

/// What a file may have at most.
#[derive(Clone, Copy, Debug)]
pub struct OnnxLimits {
    /// Bytes of the file.
    pub bytes: usize,
    /// Operators, those of subgraphs included.
    pub nodes: usize,
    /// Tensors: weights and constants.
    pub tensors: usize,
    /// Messages inside each other; each subgraph takes three.
    pub depth: usize,
    /// Bytes of a name.
    pub name: usize,
}

impl Default for OnnxLimits {
    fn default() -> Self {
        Self { bytes: 256 << 20, nodes: 100_000, tensors: 100_000, depth: 32, name: 4096 }
    }
}

/// What the engine has to know of a file that may be loaded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OnnxFile {
    /// For each output of a `ZipMap` operator the classes that it names, in the order of their columns.
    pub zipmaps: BTreeMap<String, Vec<String>>,
}

/// Where ONNX Runtime looks for the mark of its own format, and the mark. A file can be that and protobuf at the same time:
/// <https://onnxruntime.ai/docs/performance/model-optimizations/ort-format-models.html>.
const ORT_FORMAT_PLACE: Range<usize> = 4..8;
const ORT_FORMAT: &[u8] = b"ORTM";

/// Checks a file.
///
/// # Errors
/// Why it may not be loaded, as the end of a sentence that began with "the model is refused".
pub fn check(file: &[u8], limits: &OnnxLimits) -> Result<OnnxFile, String> {
    if file.len() > limits.bytes {
        return Err(format!("it has {} bytes, and {} are allowed", file.len(), limits.bytes));
    }
    if file.get(ORT_FORMAT_PLACE) == Some(ORT_FORMAT) {
        return Err("it bears the mark of ONNX Runtime's own format, whatever else it may be".to_owned());
    }
    walk::model(file, limits)
}

#[cfg(test)]
mod tests;
