//! Finds and reads the files of a version on this machine. The command leaves out no file and follows no link: a link or a device
//! is an error that names it, because an approval covers exactly these bytes.

use crate::failure::Failure;
use proof::{FileName, Hasher, Manifest, ManifestEntry, Sha256};
use std::{
    fs::{self, File, Metadata},
    io::{self, Read},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

/// One file as it was found.
#[derive(Clone, Debug)]
pub struct LocalFile {
    /// Its name within the version.
    pub name: FileName,
    /// Where it is.
    pub path: PathBuf,
    /// Its bytes.
    pub size: u64,
    identity: Identity,
}

/// What changes when somebody puts another file in the place of this one, or writes to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Identity {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
}

impl Identity {
    fn of(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
        }
    }
}

/// All files of a version: the one at `path`, or everything in the folder there. Sorted by name; checked for names that could
/// not lie beside each other everywhere.
///
/// # Errors
/// Nothing there, nothing in it, a link, a device, or a name that means different things to different systems.
pub fn walk(path: &Path) -> Result<Vec<LocalFile>, Failure> {
    // The path itself is what somebody typed: a link to a folder is followed, unlike everything in it.
    let start = fs::metadata(path).map_err(|error| cannot_read(path, &error))?;
    let mut files = Vec::new();
    if start.is_file() {
        let name = path.file_name().ok_or_else(|| Failure::usage(format!("{} has no file name", path.display())))?;
        let name = file_name(path, name.to_str())?;
        files.push(LocalFile { name, path: path.to_owned(), size: start.len(), identity: Identity::of(&start) });
    } else if start.is_dir() {
        walk_folder(path, "", &mut files)?;
    } else {
        return Err(not_a_file(path));
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    // The rules for names are the manifest's; what is in the files plays no part in them.
    manifest(files.iter().map(|file| (file, Sha256::from_bytes([0; 32]))))?;
    Ok(files)
}

fn walk_folder(folder: &Path, prefix: &str, files: &mut Vec<LocalFile>) -> Result<(), Failure> {
    for entry in fs::read_dir(folder).map_err(|error| cannot_read(folder, &error))? {
        let path = entry.map_err(|error| cannot_read(folder, &error))?.path();
        let metadata = fs::symlink_metadata(&path).map_err(|error| cannot_read(&path, &error))?;
        let name = path.file_name().and_then(|name| name.to_str()).map(|name| format!("{prefix}{name}"));
        let name = file_name(&path, name.as_deref())?;
        if metadata.is_dir() {
            walk_folder(&path, &format!("{name}/"), files)?;
        } else if metadata.is_file() {
            files.push(LocalFile { name, path, size: metadata.len(), identity: Identity::of(&metadata) });
        } else if metadata.is_symlink() {
            return Err(Failure::usage(format!("{} is a symbolic link, and a version has only files of its own", shown(&path)))
                .hint("Put a copy of the file in its place, or take the link away."));
        } else {
            return Err(not_a_file(&path));
        }
    }
    Ok(())
}

fn file_name(path: &Path, name: Option<&str>) -> Result<FileName, Failure> {
    let name = name.ok_or_else(|| Failure::usage(format!("the name of {} is not UTF-8: rename the file", shown(path))))?;
    FileName::parse(name).map_err(|error| Failure::usage(error.to_string()))
}

fn not_a_file(path: &Path) -> Failure {
    Failure::usage(format!("{} is neither a file nor a folder", shown(path)))
        .hint("Sockets, pipes and devices cannot be part of a version.")
}

fn cannot_read(path: &Path, error: &io::Error) -> Failure {
    Failure::usage(format!("{} cannot be read: {error}", shown(path)))
}

fn shown(path: &Path) -> String {
    crate::text::plain(&path.to_string_lossy())
}

impl LocalFile {
    /// Opens it, if it is still the file that was found.
    ///
    /// # Errors
    /// When it is gone or another.
    pub fn open(&self) -> Result<File, Failure> {
        let file = File::open(&self.path).map_err(|error| cannot_read(&self.path, &error))?;
        let now = file.metadata().map_err(|error| cannot_read(&self.path, &error))?;
        if Identity::of(&now) == self.identity { Ok(file) } else { Err(self.changed()) }
    }

    /// Whether it is no longer as it was found.
    pub fn has_changed(&self) -> bool {
        fs::symlink_metadata(&self.path).map_or(true, |now| Identity::of(&now) != self.identity && !now.is_symlink())
    }

    /// The failure that this is.
    pub fn changed(&self) -> Failure {
        Failure::failed(format!("{} changed while it was being read; nothing was registered", shown(&self.path)))
            .hint("Wait until nobody writes to it, then try again.")
    }

    /// The digest of its content; `progress` hears of every piece.
    ///
    /// # Errors
    /// When it cannot be read, or changes meanwhile.
    pub fn hash(&self, progress: impl Fn(u64)) -> Result<Sha256, Failure> {
        let mut file = self.open()?;
        let mut hasher = Hasher::new();
        let mut buffer = vec![0; 1 << 20];
        let mut total = 0;
        loop {
            match file.read(&mut buffer).map_err(|error| cannot_read(&self.path, &error))? {
                0 => break,
                count => {
                    hasher.update(&buffer[..count]);
                    total += count as u64;
                    progress(count as u64);
                }
            }
        }
        if total == self.size && !self.has_changed() { Ok(hasher.finish()) } else { Err(self.changed()) }
    }
}

/// The manifest of these files.
///
/// # Errors
/// No file, or names that could not lie beside each other everywhere.
pub fn manifest<'a>(files: impl Iterator<Item = (&'a LocalFile, Sha256)>) -> Result<Manifest, Failure> {
    let entries = files.map(|(file, sha256)| ManifestEntry { name: file.name.clone(), sha256, size: file.size });
    Manifest::new(entries.collect()).map_err(|error| Failure::usage(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::{fs::symlink, net::UnixListener};

    fn refusal(make: impl FnOnce(&Path)) -> String {
        let folder = tempfile::tempdir().unwrap();
        make(folder.path());
        let failure = walk(folder.path()).unwrap_err();
        assert_eq!(failure.exit, crate::exit::Exit::Usage);
        failure.to_string()
    }

    #[test]
    fn a_folder_gives_all_its_files_by_name() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("b/empty")).unwrap();
        for name in ["model.onnx", ".hidden", "b/c.txt"] {
            fs::write(folder.path().join(name), name).unwrap();
        }
        let files = walk(folder.path()).unwrap();
        assert_eq!(
            files.iter().map(|file| (file.name.as_str(), file.size)).collect::<Vec<_>>(),
            [(".hidden", 7), ("b/c.txt", 7), ("model.onnx", 10)]
        );
        assert_eq!(files[2].hash(|_| {}).unwrap(), Sha256::of(b"model.onnx"));
        let one = walk(&folder.path().join("model.onnx")).unwrap();
        assert_eq!(one[0].name.as_str(), "model.onnx");
    }

    #[test]
    fn whatever_could_be_another_file_to_somebody_is_refused_by_name() {
        assert!(refusal(|_| {}).contains("at least one file"));
        assert!(refusal(|folder| symlink("/etc/hostname", folder.join("link")).unwrap()).contains("link is a symbolic link"));
        assert!(refusal(|folder| symlink("nowhere", folder.join("dangling")).unwrap()).contains("dangling is a symbolic link"));
        assert!(
            refusal(|folder| drop(UnixListener::bind(folder.join("socket")).unwrap()))
                .contains("socket is neither a file nor a folder")
        );
        assert!(refusal(|folder| fs::write(folder.join("e\u{301}"), "").unwrap()).contains("normal form C"));
        assert!(refusal(|folder| fs::write(folder.join("a\\b"), "").unwrap()).contains("backslash"));
        assert!(refusal(|folder| fs::write(folder.join("a\nb"), "").unwrap()).contains("control character"));
        assert!(
            refusal(|folder| {
                fs::write(folder.join("Model"), "1").unwrap();
                fs::write(folder.join("model"), "2").unwrap();
            })
            .contains("have the same name")
        );
    }

    #[test]
    fn a_file_that_changes_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.onnx");
        fs::write(&path, "one").unwrap();
        let found = walk(&path).unwrap().remove(0);
        fs::write(&path, "longer").unwrap();
        assert!(found.has_changed());
        assert!(found.hash(|_| {}).unwrap_err().to_string().contains("changed while it was being read"));
    }
}
