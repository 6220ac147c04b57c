//! The engine through its public face, with ONNX Runtime: COUNTERSIGN_TEST_ONNXRUNTIME names its library.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that panics says where and why")]

mod answers;
mod crashes;
mod deadlines;
mod fixture;
mod golden;
mod libraries;
mod memory;
mod oip;
mod processes;
mod refusals;
