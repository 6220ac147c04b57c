//! What an ONNX file may have, and what the engine learns from the file.

use std::collections::BTreeMap;

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
