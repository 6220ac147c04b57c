//! Checks an ONNX file before any library sees it, and describes the file for people.

mod check;
mod describe;
mod limits;
mod walk;
mod wire;

pub use check::check;
pub use describe::{Dimension, OnnxDescription, OnnxValue, describe};
pub use limits::{DOMAINS, OnnxFile, OnnxLimits};

#[cfg(test)]
mod tests;
