//! Tensors of the Open Inference Protocol, in memory and in both forms in which they travel.

pub mod binary;
pub mod json;
mod types;

pub use types::{Datatype, Signature, Tensor, TensorSpec};
