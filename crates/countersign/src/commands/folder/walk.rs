//! Finds the files of a version. The command names everything that cannot be part of a version at once.

use super::{
    cannot_read,
    faults::{Fault, Faults},
    file::LocalFile,
    selection::{IGNORE_FILE, SelectionArgs},
    shown,
};
use crate::failure::Failure;
use ignore::gitignore::Gitignore;
use proof::{FileName, Manifest};
use std::{
    fs::{self, Metadata},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

/// What was found.
#[derive(Debug, Default)]
pub struct Found {
    /// The files, sorted by name.
    pub files: Vec<LocalFile>,
    /// What the user left out, relative to the folder. Of a folder that was left out, only the folder.
    pub left_out: Vec<PathBuf>,
}

/// All files of a version: the one at `path`, or what the selection takes of the folder there. The names could lie beside each other
/// everywhere.
///
/// # Errors
/// Nothing there, nothing in it, links that are not to be followed, devices, or names that mean different things to different systems: all of
/// them at once.
pub fn walk(path: &Path, selection: &SelectionArgs) -> Result<Found, Failure> {
    // The path itself is what somebody typed: a link to a folder is followed, unlike everything in it.
    let start = fs::metadata(path).map_err(|error| cannot_read(path, &error))?;
    let left_out = if start.is_dir() { selection.left_out(path)? } else { Gitignore::empty() };
    let mut walk = Walk {
        root: path,
        follows: selection.follow_links,
        patterns: left_out,
        found: Found::default(),
        faults: Faults::default(),
    };
    if start.is_file() {
        walk.take(path.to_owned(), path.file_name().and_then(|name| name.to_str()), &start);
    } else if start.is_dir() {
        walk.folder(path, "", &mut vec![place(&start)]);
    } else {
        return Err(Failure::usage(format!("{} is neither a file nor a folder", shown(path)))
            .hint("Sockets, pipes and devices cannot be part of a version."));
    }
    walk.end()
}

struct Walk<'a> {
    root: &'a Path,
    follows: bool,
    patterns: Gitignore,
    found: Found,
    faults: Faults,
}

/// Where a folder is, whatever leads there.
type Place = (u64, u64);

fn place(metadata: &Metadata) -> Place {
    (metadata.dev(), metadata.ino())
}

impl Walk<'_> {
    /// Goes through a folder, which lies in these folders, itself included.
    fn folder(&mut self, folder: &Path, prefix: &str, within: &mut Vec<Place>) {
        let entries = match fs::read_dir(folder).and_then(|entries| entries.collect::<Result<Vec<_>, _>>()) {
            Ok(entries) => entries,
            Err(error) => return self.faults.add(folder, Fault::Unreadable(error)),
        };
        for entry in entries {
            let path = entry.path();
            if let Some(metadata) = self.look(&path) {
                self.entry(path, prefix, &metadata, within);
            }
        }
    }

    /// What is at a path; nothing where it is left out or cannot be part of a version.
    fn look(&mut self, path: &Path) -> Option<Metadata> {
        let metadata = match fs::symlink_metadata(path) {
            Ok(metadata) => metadata,
            Err(error) => {
                self.faults.add(path, Fault::Unreadable(error));
                return None;
            }
        };
        let target = metadata.is_symlink().then(|| fs::metadata(path));
        let is_folder = target.as_ref().map_or(metadata.is_dir(), |target| target.as_ref().is_ok_and(Metadata::is_dir));
        let within = path.strip_prefix(self.root).unwrap_or(path);
        if within == Path::new(IGNORE_FILE) || self.patterns.matched(within, is_folder).is_ignore() {
            self.found.left_out.push(within.to_owned());
            return None;
        }
        match target {
            None => Some(metadata),
            Some(Ok(target)) if self.follows => Some(target),
            Some(Ok(_)) => self.refuse(path, Fault::Link),
            Some(Err(_)) => self.refuse(path, Fault::BrokenLink),
        }
    }

    fn refuse(&mut self, path: &Path, fault: Fault) -> Option<Metadata> {
        self.faults.add(path, fault);
        None
    }

    fn entry(&mut self, path: PathBuf, prefix: &str, metadata: &Metadata, within: &mut Vec<Place>) {
        let name = path.file_name().and_then(|name| name.to_str()).map(|name| format!("{prefix}{name}"));
        if metadata.is_file() {
            self.take(path, name.as_deref(), metadata);
        } else if !metadata.is_dir() {
            self.faults.add(&path, Fault::NotAFile);
        } else if within.contains(&place(metadata)) {
            self.faults.add(&path, Fault::Loop);
        } else if let Some(name) = name {
            within.push(place(metadata));
            self.folder(&path, &format!("{name}/"), within);
            within.pop();
        } else {
            self.faults.add(&path, Fault::NotUtf8);
        }
    }

    fn take(&mut self, path: PathBuf, name: Option<&str>, metadata: &Metadata) {
        match name.map(FileName::parse) {
            Some(Ok(name)) => self.found.files.push(LocalFile::found(name, path, metadata)),
            Some(Err(error)) => self.faults.add(&path, Fault::Name(error)),
            None => self.faults.add(&path, Fault::NotUtf8),
        }
    }

    fn end(mut self) -> Result<Found, Failure> {
        for clash in Manifest::clashes(self.found.files.iter().map(|file| &file.name)) {
            self.faults.add(self.root, Fault::Clash(clash));
        }
        self.faults.none(self.root)?;
        self.found.files.sort_by(|a, b| a.name.cmp(&b.name));
        self.found.left_out.sort();
        match self.found.files.iter().map(|file| file.size).sum::<u64>() {
            0 if self.found.files.is_empty() => Err(Failure::usage(proof::ManifestError::Empty.to_string())),
            0 => {
                Err(Failure::usage("all files are empty: a version has at least one byte")
                    .hint("Look whether the export failed."))
            }
            _ => Ok(self.found),
        }
    }
}
