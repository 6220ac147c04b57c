//! Checks an ONNX file before any library sees it, and describes the file for people.

mod check;
mod describe;
mod limits;
mod operators;
mod uses;
mod walk;
mod wire;

pub use check::check;
pub use describe::{Dimension, OnnxDescription, OnnxValue, describe};
pub use limits::{OnnxFile, OnnxLimits};
pub use operators::OperatorRule;

#[cfg(test)]
mod tests;
