//! The process of a model, for the tests of this crate: `countersign node-engine` in the product. The process ignores its
//! arguments; tests use them to tell their own processes apart.

use std::process::ExitCode;

fn main() -> ExitCode {
    node::engine::child::run()
}
