//! Says from the files of a version whether a node can serve the version. The server warns with it when a version is registered,
//! and a node refuses with it, so both say the same.

mod content;
mod model_file;
pub mod onnx;

pub use content::{HEAD_BYTES, foreign};
pub use model_file::{MODEL, NoModelFile, model_file};
