//! `cargo xtask bench`: the figures of docs/performance.md, from a release build, on both databases.

use anyhow::Result;

use crate::command::{cargo, run};
use crate::onnxruntime;
use crate::postgres::{self, Server};

/// Runs the `benches` package with the arguments given.
pub fn run_bench(arguments: &[String]) -> Result<()> {
    let library = onnxruntime::library()?;
    let server = Server::find_or_start()?;
    let mut bench = cargo(["run", "--release", "--locked", "--package", "benches", "--"]);
    run(bench.args(arguments).env(postgres::VARIABLE, server.url()).env(onnxruntime::VARIABLE, library))
}
