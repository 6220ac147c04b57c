//! A request for a prediction, from its bytes to what the model takes.

mod read;
mod wire;

pub(crate) use read::{InferRequest, ReadError, read};
