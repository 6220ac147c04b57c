//! Checks an ONNX file before any library sees it.

mod check;
mod limits;
mod walk;
mod wire;

pub use check::check;
pub use limits::{DOMAINS, OnnxFile, OnnxLimits};

#[cfg(test)]
mod tests;
