//! What an ONNX file may have, and what the engine learns from the file.

use super::operators::OperatorRule;
use std::collections::{BTreeMap, BTreeSet};

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
    /// Whose operators it may use.
    pub operators: OperatorRule,
}

impl Default for OnnxLimits {
    fn default() -> Self {
        Self { bytes: 256 << 20, nodes: 100_000, tensors: 100_000, depth: 32, name: 4096, operators: OperatorRule::default() }
    }
}

/// What the engine has to know of a file that may be loaded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OnnxFile {
    /// For each output of a `ZipMap` operator the classes that it names, in the order of their columns.
    pub zipmaps: BTreeMap<String, Vec<String>>,
    /// The inputs and outputs of which the file names no shape. Any number of dimensions will do there, which is something else than
    /// having none.
    pub without_shape: BTreeSet<String>,
}
