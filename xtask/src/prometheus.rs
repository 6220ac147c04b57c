//! Prometheus' program `promtool`, which tests the alert rules. Debian's package is unpacked and not installed, so that no Prometheus starts.

use anyhow::{Context, Result};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::command::{output, root, run};

/// Names the program to the tests.
pub const TEST_VARIABLE: &str = "COUNTERSIGN_TEST_PROMTOOL";

const INSTALLED: &str = "/usr/bin/promtool";

/// The program. None where it is missing and Debian's package cannot be had.
pub fn find_or_unpack() -> Option<PathBuf> {
    if Path::new(INSTALLED).exists() {
        return Some(INSTALLED.into());
    }
    let folder = root().join("target/prometheus");
    let program = folder.join("usr/bin/promtool");
    if !program.exists()
        && let Err(error) = unpack(&folder)
    {
        eprintln!("==> promtool is not there, and Prometheus checks no alert rule; install prometheus to have it: {error:#}");
        return None;
    }
    Some(program)
}

/// Fetches Debian's package and unpacks it into the folder.
fn unpack(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let download = || output(Command::new("apt-get").args(["download", "--quiet", "prometheus"]).current_dir(folder));
    // The lists of packages may be missing or old.
    if download().is_err() {
        run(Command::new("apt-get").args(["update", "--quiet", "--quiet"]))?;
        download()?;
    }
    for entry in fs::read_dir(folder).context("what was fetched cannot be listed")? {
        let file = entry?.path();
        if file.extension().is_some_and(|extension| extension == "deb") {
            output(Command::new("dpkg-deb").arg("-x").arg(&file).arg(folder))?;
        }
    }
    Ok(())
}
