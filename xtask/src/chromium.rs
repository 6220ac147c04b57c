//! Finds Chromium for the tests of the pages, and installs Debian's package if allowed.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::command::{environment, output, run};

/// Tells the tests where the browser is.
pub const TEST_VARIABLE: &str = "COUNTERSIGN_TEST_BROWSER";

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// The browser; installs Debian's package when this runs as root and apt is there.
///
/// # Errors
/// When there is none and none can be installed: the message then says what to do.
pub fn find_or_install() -> Result<PathBuf> {
    if let Some(browser) = find() {
        return Ok(browser);
    }
    let apt = Path::new("/usr/bin/apt-get").exists();
    if !apt || output(Command::new("id").arg("-u"))? != "0" {
        let how = if apt { "as root: apt-get install --no-install-recommends chromium" } else { "with chromium on the PATH" };
        bail!("Chromium is needed; install it ({how}), or set {TEST_VARIABLE} to the path of the program");
    }
    let apt = |arguments: &[&str]| run(Command::new("apt-get").args(arguments).env("DEBIAN_FRONTEND", "noninteractive"));
    apt(&["update", "--quiet", "--quiet"])?;
    apt(&["install", "--yes", "--quiet", "--quiet", "--no-install-recommends", "chromium"])?;
    find().context("Debian's chromium package was installed, but chromium is not on the PATH")
}

fn find() -> Option<PathBuf> {
    if let Some(named) = environment(TEST_VARIABLE) {
        return Some(PathBuf::from(named));
    }
    let folders: Vec<_> = std::env::split_paths(&environment("PATH")?).collect();
    NAMES.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name))).find(|program| program.exists())
}
