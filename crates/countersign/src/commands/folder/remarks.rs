//! What to tell about the files that were found.

use super::{Found, shown};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// Folders and files that programs leave behind, and that rarely belong to a model.
const LEFTOVERS: [&str; 6] = [".git", ".cache", "__pycache__", ".ipynb_checkpoints", ".DS_Store", ".venv"];

/// The file that a virtual environment of Python has.
const VIRTUAL_ENVIRONMENT: &str = "pyvenv.cfg";

/// What was left out, and what looks as if it should have been.
pub fn remarks(folder: &Path, found: &Found) -> Vec<String> {
    let mut remarks = Vec::new();
    if !found.left_out.is_empty() {
        remarks.push(format!("Left out, as asked: {}.", in_short(&found.left_out)));
    }
    let mut leftovers = BTreeMap::<String, usize>::new();
    for file in &found.files {
        if let Some(leftover) = leftover(folder, file.name.as_str()) {
            *leftovers.entry(leftover).or_default() += 1;
        }
    }
    for (leftover, count) in leftovers {
        let files = if count == 1 { "1 file".to_owned() } else { format!("{count} files") };
        remarks.push(format!("The version has {files} of {leftover}. To leave them out: --exclude '/{leftover}'."));
    }
    remarks
}

/// The outermost folder or file of a name that rarely belongs to a model.
fn leftover(folder: &Path, name: &str) -> Option<String> {
    let ends = name.match_indices('/').map(|(end, _)| end).chain([name.len()]);
    let mut outermost = ends.map(|end| &name[..end]);
    let is_leftover = |path: &&str| {
        let last = path.rsplit('/').next().unwrap_or(path);
        LEFTOVERS.contains(&last) || folder.join(path).join(VIRTUAL_ENVIRONMENT).is_file()
    };
    outermost.find(is_leftover).map(crate::text::plain)
}

/// The first few of many paths.
fn in_short(paths: &[PathBuf]) -> String {
    const SHOWN: usize = 5;
    let first: Vec<_> = paths.iter().take(SHOWN).map(|path| shown(path)).collect();
    match paths.len().checked_sub(SHOWN) {
        None | Some(0) => first.join(", "),
        Some(more) => format!("{} and {more} more", first.join(", ")),
    }
}
