//! `cargo xtask lint`: the formatter and clippy, with warnings as errors.

use anyhow::{Context, Result};

use crate::command::{cargo, output, run};

/// Checks the whole workspace; changes nothing.
pub fn run_lint() -> Result<()> {
    for tool in ["fmt", "clippy"] {
        output(&mut cargo([tool, "--version"])).context("install it with: rustup component add rustfmt clippy")?;
    }
    run(&mut cargo(["fmt", "--all", "--", "--check"]))?;
    run(&mut cargo(["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"]))
}
