//! What a node and the process of a model say to each other.

pub mod cancel;
pub mod frames;
pub mod start;
