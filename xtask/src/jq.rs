//! `jq`, which pages of the guide use in their commands.

use anyhow::{Context, Result, bail};
use std::process::Command;

use crate::command::{output, run};

/// Installs Debian's package where it is missing and that can be done.
///
/// # Errors
/// When `jq` is missing and cannot be installed; the message says what to install.
pub fn find_or_install() -> Result<()> {
    let is_there = || output(Command::new("jq").arg("--version")).is_ok();
    if is_there() {
        return Ok(());
    }
    let advice = "the pages of the guide use jq; on Debian: apt-get install jq";
    if output(Command::new("id").arg("-u"))? != "0" {
        bail!(advice);
    }
    let apt = |arguments: &[&str]| run(Command::new("apt-get").args(arguments).env("DEBIAN_FRONTEND", "noninteractive"));
    apt(&["update", "--quiet", "--quiet"]).context(advice)?;
    apt(&["install", "--yes", "--quiet", "--quiet", "--no-install-recommends", "jq"]).context(advice)
}
