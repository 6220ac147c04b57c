//! The account that a server's data belongs to. Root can write everywhere, but the server cannot use what root makes in its folder.

use crate::failure::Failure;
use std::{fs, os::unix::fs::MetadataExt, path::Path};

/// Refuses root a folder that is another account's. A folder that is not there yet is anybody's.
///
/// # Errors
/// This process is root's, and the folder is not.
pub fn check(folder: &Path) -> Result<(), Failure> {
    let owner = fs::metadata(folder).map_or(0, |found| found.uid());
    if owner == 0 || !rustix::process::geteuid().is_root() {
        return Ok(());
    }
    let account = name(owner);
    let message = format!(
        "the folder {} belongs to the account {account}: the server could not use what root makes there",
        folder.display()
    );
    Err(Failure::usage(message).hint(format!("Run the same command as that account: sudo -u {account} countersign …")))
}

/// The name of an account; its number, as `sudo -u` takes it, where this machine has no name for it.
fn name(owner: u32) -> String {
    let accounts = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let mut lines = accounts.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let found = lines.find(|fields| fields.get(2).is_some_and(|number| *number == owner.to_string()));
    found.map_or_else(|| format!("'#{owner}'"), |fields| fields[0].to_owned())
}
