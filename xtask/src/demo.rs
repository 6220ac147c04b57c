//! `cargo xtask demo`: the product with a story worth looking at, from a fresh clone in one command.

use anyhow::Result;

use crate::command::{cargo, run};
use crate::onnxruntime;

/// What `countersign demo` gets when no argument is given: play the scenario and exit.
const DEFAULT: &[&str] = &["--script"];

/// Builds Countersign in the dev profile and runs its demo.
pub fn run_demo(arguments: &[String]) -> Result<()> {
    let mut demo = cargo(["run", "--locked", "--package", "countersign", "--", "demo"]);
    if arguments.is_empty() {
        demo.args(DEFAULT);
    } else {
        demo.args(arguments);
    }
    run(demo.env(onnxruntime::VARIABLE, onnxruntime::library()?))
}
