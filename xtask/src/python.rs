//! The Python programs that the tests talk to: an S3-compatible server, and verifiers that others wrote.
//! They live in a virtual environment under `target/`, made once for each change of `tests/requirements.txt`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::command::{output, root, run};

/// Tells the tests which Python has the clients.
pub const VARIABLE: &str = "COUNTERSIGN_TEST_PYTHON";

const INSTALL: &str = "this needs Python 3.11 or newer with pip; on Debian: apt-get install python3-venv";

/// The Python interpreter of an environment that has everything in `tests/requirements.txt`.
///
/// # Errors
/// When Python is missing or too old, or when the packages cannot be installed.
pub fn with_test_clients() -> Result<PathBuf> {
    let wanted = fs::read_to_string(root().join("tests/requirements.txt")).context("tests/requirements.txt cannot be read")?;
    let environment = root().join("target/test-venv");
    let interpreter = environment.join("bin/python");
    let installed = environment.join("installed.txt");
    // An interpreter that was upgraded or removed leaves a dangling link behind: then it is made anew.
    if interpreter.exists() && fs::read_to_string(&installed).is_ok_and(|have| have == wanted) {
        return Ok(interpreter);
    }
    if environment.exists() {
        fs::remove_dir_all(&environment).with_context(|| format!("{} cannot be removed", environment.display()))?;
    }
    create(&environment)?;
    let mut pip = Command::new(&interpreter);
    pip.args(["-m", "pip", "install", "--quiet", "--no-deps", "--requirement", "tests/requirements.txt"]);
    run(&mut pip)?;
    // Last, so that an installation cut short is not taken for a whole one.
    fs::write(&installed, wanted)?;
    Ok(interpreter)
}

/// Makes an empty virtual environment that has pip.
///
/// # Errors
/// When Python is missing or too old; the message says what to install.
pub fn create(environment: &Path) -> Result<()> {
    let is_recent = "import sys; print(sys.version_info >= (3, 11))";
    if output(Command::new("python3").args(["-c", is_recent])).context(INSTALL)? != "True" {
        bail!(INSTALL);
    }
    run(Command::new("python3").args(["-m", "venv"]).arg(environment)).context(INSTALL)
}
