//! `cargo xtask bench`: the figures of docs/performance.md, from a release build, on both databases.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::command::{cargo, environment, root, run};
use crate::postgres::{self, Server};
use crate::{onnxruntime, python};

/// The parts that compare with programs in Python.
const WITH_PEERS: [&str; 3] = ["node", "tensors", "models"];

/// Runs the `benches` package with the arguments given.
pub fn run_bench(arguments: &[String]) -> Result<()> {
    let library = onnxruntime::library()?;
    // Both at once: the benchmarks measure the program that lies beside them.
    run(&mut cargo(["build", "--release", "--locked", "--package", "benches", "--package", "countersign"]))?;
    let target = environment("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    let mut bench = Command::new(target.join("release/benches"));
    let everything = arguments.iter().all(|argument| argument.starts_with('-'));
    if everything || arguments.iter().any(|argument| WITH_PEERS.contains(&argument.as_str())) {
        bench.env(python::BENCH_VARIABLE, python::with_bench_peers()?);
    }
    let server = Server::find_or_start()?;
    run(bench.args(arguments).env(postgres::VARIABLE, server.url()).env(onnxruntime::VARIABLE, library))
}
