//! Checks an ONNX file before any library sees it: everything that the model uses must be in the file, with known operators and
//! sane sizes. The check reads the protobuf itself and returns only what the engine needs.

use super::{
    limits::{OnnxFile, OnnxLimits},
    walk,
};
use std::ops::Range;

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
