//! Downloads a version. The command hashes each file while it writes the file, and removes a file that does not match. Files,
//! manifest and model digest come from one server. Only a digest from elsewhere (`--digest`) shows that these are the approved
//! bytes.

use super::progress::progress;
use crate::{
    client::{Session, paths, unreachable},
    exit::Exit,
    failure::Failure,
    text::facts,
};
use app::views::Version;
use domain::{Digest, VersionRef};
use indicatif::ProgressBar;
use proof::{Hasher, Manifest, ManifestEntry};
use serde::Serialize;
use std::{
    fs, io,
    path::{Path, PathBuf},
};
use tokio::io::AsyncWriteExt;

/// Downloads all files of a version and checks them against its model digest
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:
  countersign version download diagnosis/tumour:1 tumour-1/
  countersign version download diagnosis/tumour:1 tumour-1/ --digest 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
pub struct DownloadArgs {
    /// The version, as PROJECT/MODEL:VERSION
    version: VersionRef,
    /// The folder to write to; it must be empty or not exist
    folder: PathBuf,
    /// The model digest that the version must have, from an approval, a permit or a colleague instead of from this server
    #[arg(long, value_name = "SHA256")]
    digest: Option<Digest>,
}

/// A version that was downloaded.
#[derive(Debug, Serialize)]
struct Copy {
    version: VersionRef,
    folder: String,
    model_digest: Digest,
    files: usize,
    size: u64,
}

/// Downloads.
///
/// # Errors
/// What the server says; bytes that are not those of the version. Nothing is left behind then.
pub async fn run(args: DownloadArgs, session: &Session) -> Result<Exit, Failure> {
    let DownloadArgs { version, folder, digest } = args;
    let client = &session.client;
    let registered: Version = client.get(&paths::version(&version, &[])).send().await?.read()?;
    let text = client.get(&paths::version(&version, &["manifest"])).text().await?;
    let manifest = Manifest::parse(text.as_bytes())
        .map_err(|error| Failure::failed(format!("the server's manifest of {version} is wrong: {error}")))?;
    if manifest.model_digest().as_bytes() != registered.model_digest.as_bytes() {
        return Err(mismatch(&format!("the manifest of {version}")));
    }
    if let Some(digest) = digest.filter(|digest| digest.as_bytes() != manifest.model_digest().as_bytes()) {
        return Err(Failure::failed(format!(
            "{version} has the model digest {}, and not {digest}; nothing was kept",
            registered.model_digest
        ))
        .hint("Ask where the digest is from: it is another version's, or the server's files are not those that were meant."));
    }
    let mut partial = PartialCopy::begin(&folder)?;
    let bar = progress("downloading", manifest.total_size());
    let received = async {
        for entry in manifest.entries() {
            receive(session, &version, entry, &mut partial, &bar).await?;
        }
        Ok(())
    };
    tokio::select! {
        received = received => received?,
        Ok(()) = tokio::signal::ctrl_c() => return Err(Failure::failed("interrupted; nothing was kept")),
    }
    bar.finish_and_clear();
    partial.keep();
    let copy = Copy {
        version,
        folder: folder.to_string_lossy().into_owned(),
        model_digest: registered.model_digest,
        files: manifest.entries().len(),
        size: manifest.total_size(),
    };
    session.out.show(&copy, |copy| {
        facts(&[
            ("version", &copy.version),
            ("folder", &copy.folder),
            ("model digest", &copy.model_digest),
            ("files", &copy.files),
            ("size", &copy.size),
        ])
    })?;
    Ok(Exit::Done)
}

fn mismatch(what: &str) -> Failure {
    Failure::failed(format!("{what} does not have the digest that it should have; nothing was kept"))
        .hint("Do not use this version; tell the server's operator: countersign admin verify-store --files.")
}

async fn receive(
    session: &Session,
    version: &VersionRef,
    entry: &ManifestEntry,
    partial: &mut PartialCopy,
    bar: &ProgressBar,
) -> Result<(), Failure> {
    let segments: Vec<&str> = ["files"].into_iter().chain(entry.name.as_str().split('/')).collect();
    let mut response = session.client.get(&paths::version(version, &segments)).open().await?;
    let cannot = |error: io::Error| Failure::failed(format!("{} cannot be written: {error}", entry.name));
    let mut file = tokio::fs::File::from_std(partial.create(entry).map_err(cannot)?);
    let mut hasher = Hasher::new();
    let mut size = 0;
    while let Some(chunk) = response.chunk().await.map_err(|error| unreachable(session.client.server(), &error))? {
        size += chunk.len() as u64;
        if size > entry.size {
            return Err(mismatch(entry.name.as_str()));
        }
        hasher.update(&chunk);
        file.write_all(&chunk).await.map_err(cannot)?;
        bar.inc(chunk.len() as u64);
    }
    file.sync_all().await.map_err(cannot)?;
    if size == entry.size && hasher.finish() == entry.sha256 { Ok(()) } else { Err(mismatch(entry.name.as_str())) }
}

/// The files that a download has written so far. Unless they are kept, they go when this goes.
struct PartialCopy {
    folder: PathBuf,
    paths: Vec<PathBuf>,
}

impl PartialCopy {
    /// Takes an empty folder, or makes one.
    fn begin(folder: &Path) -> Result<Self, Failure> {
        let cannot = |error: io::Error| Failure::usage(format!("{} cannot be used: {error}", folder.display()));
        let mut partial = Self { folder: folder.to_owned(), paths: Vec::new() };
        match fs::read_dir(folder).map(|mut entries| entries.next().is_none()) {
            Ok(true) => {}
            Ok(false) => {
                return Err(Failure::usage(format!("{} is not empty", folder.display()))
                    .hint("Name a folder that is empty or does not exist."));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => partial.make_folder(folder).map_err(cannot)?,
            Err(error) => return Err(cannot(error)),
        }
        Ok(partial)
    }

    /// Makes a folder and those above it, and remembers which.
    fn make_folder(&mut self, folder: &Path) -> io::Result<()> {
        if folder.as_os_str().is_empty() || folder.is_dir() {
            return Ok(());
        }
        if let Some(parent) = folder.parent() {
            self.make_folder(parent)?;
        }
        fs::create_dir(folder)?;
        self.paths.push(folder.to_owned());
        Ok(())
    }

    fn create(&mut self, entry: &ManifestEntry) -> io::Result<fs::File> {
        // A FileName never leaves the folder: no `..`, nothing absolute.
        let path = self.folder.join(entry.name.as_str());
        if let Some(parent) = path.parent() {
            self.make_folder(parent)?;
        }
        let file = fs::File::create_new(&path)?;
        self.paths.push(path);
        Ok(file)
    }

    fn keep(mut self) {
        self.paths.clear();
    }
}

impl Drop for PartialCopy {
    fn drop(&mut self) {
        for path in self.paths.iter().rev() {
            // What cannot be removed stays; there is nobody to tell from here, and the failure is being told already.
            let _ = if path.is_dir() { fs::remove_dir(path) } else { fs::remove_file(path) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proof::{FileName, Sha256};

    #[test]
    fn what_is_not_kept_leaves_nothing_behind() {
        let place = tempfile::tempdir().unwrap();
        let entry = ManifestEntry { name: FileName::parse("a/b.txt").unwrap(), sha256: Sha256::of(b""), size: 0 };
        for (keep, left) in [(false, 0), (true, 1)] {
            let mut partial = PartialCopy::begin(&place.path().join("new/deep")).unwrap();
            partial.create(&entry).unwrap();
            if keep {
                partial.keep();
            } else {
                drop(partial);
            }
            assert_eq!(fs::read_dir(place.path()).unwrap().count(), left);
        }
        let refused = PartialCopy::begin(place.path()).map(|_| ()).unwrap_err();
        assert!(refused.to_string().contains("is not empty"));
    }
}
