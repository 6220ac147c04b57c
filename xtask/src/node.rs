//! The verifiers from npm that tests run. They are under `target/`, installed anew when the file with their packages changes.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::command::{output, root, run};

/// Tells the tests where the packages are.
pub const TEST_VARIABLE: &str = "COUNTERSIGN_TEST_NODE";

const INSTALL: &str =
    "this needs Node.js 20.17 or newer with npm; on Debian: apt-get install nodejs npm, or from https://nodejs.org";

/// The folder with everything in `tests/verifiers/package-lock.json`.
///
/// # Errors
/// When Node.js or npm is missing or too old, or when the packages cannot be installed.
pub fn with_test_verifiers() -> Result<PathBuf> {
    let wanted = fs::read_to_string(root().join("tests/verifiers/package-lock.json"))?;
    let folder = root().join("target/test-node");
    let installed = folder.join("installed.json");
    if fs::read_to_string(&installed).is_ok_and(|have| have == wanted) {
        return Ok(folder);
    }
    let is_recent = "const [major, minor] = process.versions.node.split('.').map(Number); console.log(major > 20 || (major === 20 && minor >= 17))";
    if output(Command::new("node").args(["-e", is_recent])).context(INSTALL)? != "true" {
        bail!(INSTALL);
    }
    fs::create_dir_all(&folder)?;
    for name in ["package.json", "package-lock.json"] {
        fs::copy(root().join("tests/verifiers").join(name), folder.join(name))?;
    }
    // No script of a package runs, and nothing but what the lock file names is installed.
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent", "--prefix"]).arg(&folder);
    run(&mut npm).context(INSTALL)?;
    // Last, so that an installation cut short is not taken for a whole one.
    fs::write(&installed, wanted)?;
    Ok(folder)
}
