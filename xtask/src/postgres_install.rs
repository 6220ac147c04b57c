//! Finds PostgreSQL's programs where systems put them, and installs them if allowed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::command::{environment, output, run};

/// Folders of one installation for each version: `PARENT/*/bin`, or `PARENT/PREFIX*/bin`.
const VERSIONED: &[(&str, &str)] =
    &[("/usr/lib/postgresql", ""), ("/usr", "pgsql-"), ("/opt/homebrew/opt", "postgresql@"), ("/usr/local/opt", "postgresql@")];

/// Debian's setting for what happens when a server package is installed.
const CREATE_CLUSTER: &str = "/etc/postgresql-common/createcluster.conf";

/// The folder with `initdb` and `pg_ctl`; installs Debian's package when this runs as root and apt is there.
///
/// # Errors
/// When there is none and none can be installed: the message then says what to do.
pub fn find_or_install() -> Result<PathBuf> {
    if let Some(folder) = find() {
        return Ok(folder);
    }
    let apt = Path::new("/usr/bin/apt-get").exists();
    if !apt || output(Command::new("id").arg("-u"))? != "0" {
        let how = if apt { "as root: apt-get install --no-install-recommends postgresql" } else { "with initdb on the PATH" };
        bail!("PostgreSQL 15 or newer is needed; install it ({how}), or set COUNTERSIGN_TEST_POSTGRES to a server's URL");
    }
    install()?;
    find().context("Debian's postgresql package was installed, but initdb is not where it was expected")
}

/// The newest installation. Debian keeps these programs off the PATH on purpose, hence the other places.
fn find() -> Option<PathBuf> {
    let on_path = environment("PATH").map(|path| std::env::split_paths(&path).collect::<Vec<_>>()).unwrap_or_default();
    let mut versioned: Vec<(u32, PathBuf)> = VERSIONED.iter().flat_map(|(parent, prefix)| versions(parent, prefix)).collect();
    versioned.sort();
    let newest_first = versioned.into_iter().rev().map(|(_, folder)| folder);
    newest_first.chain(on_path).find(|folder| folder.join("initdb").exists() && folder.join("pg_ctl").exists())
}

fn versions(parent: &str, prefix: &str) -> Vec<(u32, PathBuf)> {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    let version = |name: &str| name.strip_prefix(prefix)?.parse().ok();
    entries.filter_map(|entry| Some((version(entry.file_name().to_str()?)?, entry.path().join("bin")))).collect()
}

/// Installs Debian's package, without the cluster that it would make and start for everybody.
fn install() -> Result<()> {
    // Only where nobody has a say yet: an existing setting is left as it is.
    if !Path::new(CREATE_CLUSTER).exists() {
        fs::create_dir_all("/etc/postgresql-common")?;
        fs::write(CREATE_CLUSTER, "create_main_cluster = false\n")?;
    }
    let apt = |arguments: &[&str]| run(Command::new("apt-get").args(arguments).env("DEBIAN_FRONTEND", "noninteractive"));
    apt(&["update", "--quiet", "--quiet"])?;
    apt(&["install", "--yes", "--quiet", "--quiet", "--no-install-recommends", "postgresql"])
}
