//! The process of a model, for the tests of this crate: what `countersign node-engine` is in the product. It takes no notice of
//! its arguments, by which a test tells its own processes from those of others.

use std::process::ExitCode;

fn main() -> ExitCode {
    node::engine::child::run()
}
