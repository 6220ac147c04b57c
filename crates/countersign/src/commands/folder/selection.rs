//! What of a folder belongs to a version: everything but what the user names, on the command line or in a file in the folder.

use super::cannot_read;
use crate::failure::Failure;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use std::{fs, io::ErrorKind, path::Path};

/// The file in the folder that names what to leave out. The command leaves it out, too.
pub const IGNORE_FILE: &str = ".countersignignore";

/// Which files of a folder belong to a version
#[derive(Clone, Debug, Default, clap::Args)]
pub struct SelectionArgs {
    /// Leave out what matches, as in a .gitignore file; the folder's file .countersignignore can hold such lines, too
    #[arg(long, value_name = "PATTERN")]
    pub exclude: Vec<String>,
    /// Take what symbolic links lead to
    #[arg(long)]
    pub follow_links: bool,
}

impl SelectionArgs {
    /// The patterns of what is left out of this folder.
    ///
    /// # Errors
    /// A pattern that is none; a file of patterns that cannot be read.
    pub(super) fn left_out(&self, folder: &Path) -> Result<Gitignore, Failure> {
        let file = folder.join(IGNORE_FILE);
        let lines = match fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            Err(error) => return Err(cannot_read(&file, &error)),
        };
        let mut builder = GitignoreBuilder::new(folder);
        let wrong = |pattern: &str, error: &ignore::Error| {
            Failure::usage(format!("`{}` is no pattern: {error}", crate::text::plain(pattern)))
                .hint("Write a pattern as in a .gitignore file, like .git/ or *.tmp.")
        };
        for line in lines.lines().chain(self.exclude.iter().map(String::as_str)) {
            builder.add_line(None, line).map_err(|error| wrong(line, &error))?;
        }
        builder.build().map_err(|error| wrong("", &error))
    }
}
