//! The Python programs that tests talk to and benchmarks compare with. They are in virtual environments under `target/`, made
//! anew when the file with their packages changes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::command::{output, root, run};

/// Tells the tests which Python has the clients.
pub const TEST_VARIABLE: &str = "COUNTERSIGN_TEST_PYTHON";
/// Tells the benchmarks which Python has the servers to compare with.
pub const BENCH_VARIABLE: &str = "COUNTERSIGN_BENCH_PYTHON";

const INSTALL: &str = "this needs Python 3.11 or newer with pip; on Debian: apt-get install python3-venv";

/// The Python interpreter of an environment that has everything in `tests/requirements.txt`.
///
/// # Errors
/// When Python is missing or too old, or when the packages cannot be installed.
pub fn with_test_clients() -> Result<PathBuf> {
    with("tests/requirements.txt", "test-venv")
}

/// The same with everything in `benches/requirements.txt`: a gigabyte, so only for those who measure beside it.
///
/// # Errors
/// As [`with_test_clients`].
pub fn with_bench_peers() -> Result<PathBuf> {
    with("benches/requirements.txt", "bench-venv")
}

fn with(requirements: &str, name: &str) -> Result<PathBuf> {
    let wanted = fs::read_to_string(root().join(requirements)).with_context(|| format!("{requirements} cannot be read"))?;
    let environment = root().join("target").join(name);
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
    pip.args(["-m", "pip", "install", "--quiet", "--no-deps", "--requirement", requirements]);
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
