//! The face to the clients of models, on a real socket, with models that do as they are told.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that panics says where and why, and tells what it did")]

mod arms;
mod bad_requests;
mod binary;
mod bodies;
mod clients;
mod describe;
mod fake;
mod json;
mod metrics;
mod processes;
mod query_log;
mod scene;
