//! Files on this machine's disk, so that a node can start without its server. The node hashes what it has read from the disk,
//! so the cache gives exactly the bytes that were asked for, or nothing. The node does not trust the disk.

use proof::Sha256;
use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    sync::{
        PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

/// The cache folder of one node.
#[derive(Debug)]
pub struct FileCache {
    folder: PathBuf,
    /// Held for as long as the node runs.
    _lock: File,
    drafts: AtomicU64,
    /// Keeps the clean-up from removing files while content is read or written.
    content: RwLock<()>,
}

/// Why the cache does not hold a new plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanWriteError {
    /// The cache holds no plan now.
    #[error("the cache does not take the plan: this node cannot start without its server: {0}")]
    Removed(io::Error),
    /// The cache still holds the plan before, which may name what was revoked since.
    #[error(
        "the cache does not take the plan ({write}), nor is the one before removed ({remove}): a start without the server may serve \
         what was revoked since; remove {path}"
    )]
    Outdated {
        /// Why it was not written.
        write: io::Error,
        /// Why the one before is still there.
        remove: io::Error,
        /// The file.
        path: PathBuf,
    },
}

/// What the node saw of the server's log.
const WITNESS: &str = "witness.json";
/// The plan that was in force last.
const PLAN: &str = "plan.json";
/// Where content lies, each piece under its SHA-256.
const CONTENT: &str = "sha256";
/// Where pieces are written before they get their name.
const DRAFTS: &str = "drafts";
/// The file among them that shows that the disk takes one.
const CHECK: &str = "check";

impl FileCache {
    /// Opens the folder, and makes the folder if it does not exist.
    ///
    /// # Errors
    /// When it cannot be made or another node uses it.
    pub fn open(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder.join(CONTENT))?;
        let lock = File::create(folder.join("lock"))?;
        lock.try_lock().map_err(|error| match error {
            fs::TryLockError::WouldBlock => io::Error::other("another node uses it: give each node a folder of its own"),
            fs::TryLockError::Error(error) => error,
        })?;
        let _ = fs::remove_dir_all(folder.join(DRAFTS)); // left by a node that was killed
        fs::create_dir_all(folder.join(DRAFTS))?;
        Ok(Self { folder: folder.to_owned(), _lock: lock, drafts: AtomicU64::new(0), content: RwLock::default() })
    }

    /// The bytes with this digest, if the cache has them. A file with other bytes is removed.
    pub fn get(&self, sha256: Sha256, most: u64) -> Option<Vec<u8>> {
        let _reading = self.content.read().unwrap_or_else(PoisonError::into_inner);
        let path = self.path(sha256);
        let mut bytes = Vec::new();
        // Reads one byte more than allowed, to notice a file that is too long.
        File::open(&path).ok()?.take(most.saturating_add(1)).read_to_end(&mut bytes).ok()?;
        // The buffer that was hashed is the one that is given away: there is no second look at the disk.
        if bytes.len() as u64 <= most && Sha256::of(&bytes) == sha256 {
            return Some(bytes);
        }
        tracing::warn!(file = %path.display(), "a file in the cache is not what its name says, and is removed");
        let _ = fs::remove_file(&path); // it is looked at again before any use
        None
    }

    /// Keeps bytes under their digest.
    ///
    /// # Errors
    /// When the disk does not take them; nothing is kept then.
    pub fn put(&self, sha256: Sha256, bytes: &[u8]) -> io::Result<()> {
        let _writing = self.content.read().unwrap_or_else(PoisonError::into_inner);
        self.write(&self.path(sha256), bytes)
    }

    /// The last plan.
    pub fn plan(&self) -> Option<Vec<u8>> {
        fs::read(self.folder.join(PLAN)).ok()
    }

    /// Keeps a plan.
    ///
    /// # Errors
    /// When the disk does not take it. The one before is removed then: it may name what was revoked since.
    pub fn put_plan(&self, bytes: &[u8]) -> Result<(), PlanWriteError> {
        let path = self.folder.join(PLAN);
        let Err(write) = self.write(&path, bytes) else { return Ok(()) };
        match fs::remove_file(&path).and_then(|()| sync(&self.folder)) {
            Ok(()) => Err(PlanWriteError::Removed(write)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(PlanWriteError::Removed(write)),
            Err(remove) => Err(PlanWriteError::Outdated { write, remove, path }),
        }
    }

    /// What the node saw of the log, as it was kept; `None` on a first start.
    ///
    /// # Errors
    /// The disk's.
    pub fn witness(&self) -> io::Result<Option<Vec<u8>>> {
        match fs::read(self.folder.join(WITNESS)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            read => read.map(Some),
        }
    }

    /// Keeps what the node saw of the log.
    ///
    /// # Errors
    /// When the disk does not take it; what was kept before stays.
    pub fn put_witness(&self, bytes: &[u8]) -> io::Result<()> {
        self.write(&self.folder.join(WITNESS), bytes)
    }

    /// Reads a byte of each piece of content and writes a file, to see whether the disk does that.
    ///
    /// # Errors
    /// The disk's.
    pub fn try_out(&self) -> io::Result<()> {
        let at = |path: &Path, error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
        let content = self.folder.join(CONTENT);
        for entry in fs::read_dir(&content).map_err(|error| at(&content, error))? {
            let path = entry?.path();
            match File::open(&path).and_then(|mut file| file.read(&mut [0])) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {} // the clean-up took it away meanwhile
                read => drop(read.map_err(|error| at(&path, error))?),
            }
        }
        let written = self.folder.join(DRAFTS).join(CHECK);
        self.write(&written, &[0]).and_then(|()| fs::remove_file(&written)).map_err(|error| at(&written, error))
    }

    /// Where the files lie.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Removes everything but what is wanted, if anything is said of that; it is asked once nothing is read or written.
    pub fn keep_only(&self, wanted: impl FnOnce() -> Option<BTreeSet<Sha256>>) {
        let _alone = self.content.write().unwrap_or_else(PoisonError::into_inner);
        let Some(wanted) = wanted() else { return };
        for entry in fs::read_dir(self.folder.join(CONTENT)).into_iter().flatten().flatten() {
            let digest = entry.file_name().to_str().and_then(|name| name.parse::<Sha256>().ok());
            if digest.is_none_or(|digest| !wanted.contains(&digest)) {
                let _ = fs::remove_file(entry.path()); // it only takes room
            }
        }
    }

    fn path(&self, sha256: Sha256) -> PathBuf {
        self.folder.join(CONTENT).join(sha256.hex())
    }

    /// Whole or not at all: under another name first.
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let draft = self.folder.join(DRAFTS).join(self.drafts.fetch_add(1, Ordering::Relaxed).to_string());
        let written = (|| {
            let mut file = File::create(&draft)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&draft, path)?;
            // The name is on the disk only when the folder is.
            path.parent().map_or(Ok(()), sync)
        })();
        if written.is_err() {
            let _ = fs::remove_file(&draft); // what is left is swept at the next start
        }
        written
    }
}

/// Waits until what a folder names is on the disk.
fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
