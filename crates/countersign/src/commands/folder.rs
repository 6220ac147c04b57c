//! The files of a version on this machine. The command leaves out only what its user names, and follows links only where asked: an approval
//! covers exactly these bytes.

mod faults;
mod file;
mod remarks;
mod selection;
mod walk;

pub use file::{LocalFile, manifest};
pub use remarks::remarks;
pub use selection::SelectionArgs;
pub use walk::{Found, walk};

use std::{io, path::Path};

/// A path of this machine in a message.
fn shown(path: &Path) -> String {
    crate::text::plain(&path.to_string_lossy())
}

fn cannot_read(path: &Path, error: &io::Error) -> crate::failure::Failure {
    crate::failure::Failure::usage(format!("{} cannot be read: {error}", shown(path)))
}

#[cfg(test)]
mod tests;
