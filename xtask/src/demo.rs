//! `cargo xtask demo`: the product with a year of history to look at, from a fresh clone in one command.

use anyhow::Result;

use crate::command::{cargo, run};
use crate::onnxruntime;

/// Builds Countersign in the dev profile and runs its demo, which stays up unless `--script` is among the arguments.
pub fn run_demo(arguments: &[String]) -> Result<()> {
    let mut demo = cargo(["run", "--locked", "--package", "countersign", "--", "demo"]);
    demo.args(arguments);
    run(demo.env(onnxruntime::VARIABLE, onnxruntime::library()?))
}
