//! OpenSMTPD, the mail server that the tests of mails talk to. It runs as root only; elsewhere these tests are left out.

use crate::command::{output, run};
use anyhow::{Context, Result};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Names the program to the tests.
pub const TEST_VARIABLE: &str = "COUNTERSIGN_TEST_SMTPD";

const PROGRAM: &str = "/usr/sbin/smtpd";

/// Debian's rule for what may start when a package is installed.
const MAY_START: &str = "/usr/sbin/policy-rc.d";

/// The program; installs Debian's package where that can be done. None where the program could not run.
///
/// # Errors
/// When nobody can say who runs this.
pub fn find_or_install() -> Result<Option<PathBuf>> {
    if output(Command::new("id").arg("-u"))? != "0" {
        eprintln!("==> OpenSMTPD runs as root only: the tests with a real mail server are left out");
        return Ok(None);
    }
    if !Path::new(PROGRAM).exists() {
        if !Path::new("/usr/bin/apt-get").exists() {
            eprintln!(
                "==> {PROGRAM} is not there: the tests with a real mail server are left out; install OpenSMTPD to run them"
            );
            return Ok(None);
        }
        if let Err(error) = install() {
            eprintln!("==> OpenSMTPD cannot be installed, and the tests with a real mail server are left out: {error:#}");
            return Ok(None);
        }
    }
    Ok(Some(PROGRAM.into()))
}

/// Installs Debian's package, without the mail server that it would start for everybody.
fn install() -> Result<()> {
    let rule = !Path::new(MAY_START).exists();
    if rule {
        fs::write(MAY_START, "#!/bin/sh\nexit 101\n").with_context(|| format!("{MAY_START} cannot be written"))?;
        run(Command::new("chmod").args(["755", MAY_START]))?;
    }
    let apt = |arguments: &[&str]| run(Command::new("apt-get").args(arguments).env("DEBIAN_FRONTEND", "noninteractive"));
    let installed = apt(&["update", "--quiet", "--quiet"])
        .and_then(|()| apt(&["install", "--yes", "--quiet", "--quiet", "--no-install-recommends", "opensmtpd"]));
    if rule {
        fs::remove_file(MAY_START).with_context(|| format!("{MAY_START} cannot be removed"))?;
    }
    installed
}
