//! Model files, stored under the SHA-256 of their content, in a local folder or in S3-compatible storage. The store streams
//! files, hashes a file while it arrives, and gives the file its name when the file is complete.

mod error;

use bytes::Bytes;
use domain::Digest;
pub use error::FilesError;
use futures_util::{Stream, StreamExt, TryStreamExt};
use object_store::{
    ObjectStore, ObjectStoreExt, PutPayload, WriteMultipart, aws::AmazonS3Builder, local::LocalFileSystem, path::Path,
};
use proof::Hasher;
use std::{path::PathBuf, sync::Arc};
use tokio::sync::Semaphore;
use uuid::Uuid;

/// Where model files are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FilesConfig {
    /// A folder of this machine; made if it is not there.
    Folder(PathBuf),
    /// A bucket of S3-compatible storage.
    S3 {
        /// The bucket.
        bucket: String,
        /// A prefix for every key in it; may be empty.
        prefix: String,
        /// The address, where it is not Amazon's.
        endpoint: Option<String>,
        /// The region.
        region: String,
        /// The access key's id.
        access_key_id: String,
        /// The access key's secret.
        secret_access_key: String,
    },
}

/// The storage of model files.
#[derive(Clone)]
pub struct Files {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
    /// The local folder, where it is one.
    folder: Option<PathBuf>,
    /// What the files that are coming in hold, in MiB.
    coming_in: Arc<Semaphore>,
}

/// A stored file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredFile {
    /// Its content.
    pub sha256: Digest,
    /// Its bytes.
    pub size: u64,
}

/// Parts of so many MiB are sent to S3 while the rest is still being received; S3's least is 5 MiB, and it takes 10,000 of them.
const S3_PART: u32 = 8;
/// The same for a folder.
const FOLDER_PART: u32 = 1;
/// How many parts of one file are written at once, at the most, while one more comes in.
const PARTS_AT_ONCE: usize = 2;
/// How many MiB all files that are coming in hold together. Further ones wait for their turn.
const COMING_IN: usize = 384;
/// The folder of what is still coming in.
const STAGING: &str = "staging";
/// The folder of what is there.
const STORED: &str = "sha256";
/// How long a file may take to come in; what is older was left behind by a crash.
const LEFT_BEHIND: std::time::Duration = std::time::Duration::from_secs(2 * 86_400);

impl Files {
    /// Opens the storage.
    ///
    /// # Errors
    /// When the folder cannot be made, or the settings of the bucket make no sense.
    pub fn open(config: &FilesConfig) -> Result<Self, FilesError> {
        match config {
            FilesConfig::Folder(folder) => {
                std::fs::create_dir_all(folder).map_err(|error| FilesError::Folder(folder.clone(), error))?;
                // A version that was acknowledged must not lose its files with the power.
                let store = LocalFileSystem::new_with_prefix(folder)?.with_fsync(true);
                Ok(Self {
                    store: Arc::new(store),
                    prefix: Path::default(),
                    folder: Some(folder.clone()),
                    coming_in: Arc::new(Semaphore::new(COMING_IN)),
                })
            }
            FilesConfig::S3 { bucket, prefix, endpoint, region, access_key_id, secret_access_key } => {
                let mut builder = AmazonS3Builder::new()
                    .with_bucket_name(bucket)
                    .with_region(region)
                    .with_access_key_id(access_key_id)
                    .with_secret_access_key(secret_access_key);
                if let Some(endpoint) = endpoint {
                    builder = builder.with_endpoint(endpoint).with_allow_http(endpoint.starts_with("http://"));
                }
                Ok(Self {
                    store: Arc::new(builder.build()?),
                    prefix: Path::from(prefix.as_str()),
                    folder: None,
                    coming_in: Arc::new(Semaphore::new(COMING_IN)),
                })
            }
        }
    }

    /// How many files may come in at once; further ones wait.
    pub fn places(&self) -> usize {
        COMING_IN / self.sizes().1 as usize
    }

    /// How many MiB a part has, and how many a file that comes in holds.
    fn sizes(&self) -> (u32, u32) {
        let part_size = if self.folder.is_some() { FOLDER_PART } else { S3_PART };
        (part_size, part_size * (u32::try_from(PARTS_AT_ONCE).unwrap_or(u32::MAX) + 1))
    }

    /// Receives a file: hashes it while it comes in, and keeps it under its hash when all of it is there. On any error, the
    /// cut-off of the sender included, nothing is kept. `part` names the place for what has come in so far.
    ///
    /// # Errors
    /// A broken or too long stream, or a storage that fails.
    pub async fn receive<E: std::fmt::Display>(
        &self,
        part: Uuid,
        most: u64,
        mut stream: impl Stream<Item = Result<Bytes, E>> + Unpin,
    ) -> Result<StoredFile, FilesError> {
        let (part_size, holds) = self.sizes();
        // Nobody closes it, so nobody is refused.
        let _held = self.coming_in.acquire_many(holds).await.ok();
        let staging = self.prefix.clone().join(STAGING).join(part.to_string());
        let mut writer =
            WriteMultipart::new_with_chunk_size(self.store.put_multipart(&staging).await?, part_size as usize * 1024 * 1024);
        let mut hasher = Hasher::new();
        let mut size = 0_u64;
        loop {
            let chunk = match stream.next().await {
                None => break,
                Some(Ok(chunk)) => chunk,
                Some(Err(error)) => {
                    writer.abort().await?;
                    return Err(FilesError::BrokenOff(error.to_string()));
                }
            };
            size += chunk.len() as u64;
            if size > most {
                writer.abort().await?;
                return Err(FilesError::TooLarge(most));
            }
            hasher.update(&chunk);
            if let Err(error) = writer.wait_for_capacity(PARTS_AT_ONCE).await {
                writer.abort().await?;
                return Err(error.into());
            }
            writer.put(chunk);
        }
        let sha256 = Digest::from_bytes(*hasher.finish().as_bytes());
        if size == 0 {
            writer.abort().await?;
            self.store.put(&self.path(sha256), PutPayload::new()).await?;
        } else {
            writer.finish().await?;
            if let Err(error) = self.store.rename(&staging, &self.path(sha256)).await {
                self.store.delete(&staging).await?;
                return Err(error.into());
            }
        }
        Ok(StoredFile { sha256, size })
    }

    /// The content of a stored file, in pieces.
    ///
    /// # Errors
    /// When it is not there or the storage fails; later failures come in the stream.
    pub async fn content(
        &self,
        sha256: Digest,
    ) -> Result<impl Stream<Item = Result<Bytes, FilesError>> + Send + 'static, FilesError> {
        Ok(self.store.get(&self.path(sha256)).await?.into_stream().map_err(FilesError::from))
    }

    /// Checks that the storage answers: that the folder or the bucket is there, and the credentials are good.
    ///
    /// # Errors
    /// When it does not.
    pub async fn check(&self) -> Result<(), FilesError> {
        if let Some(folder) = &self.folder {
            let found = tokio::fs::metadata(folder).await;
            return found.map(|_| ()).map_err(|error| FilesError::Folder(folder.clone(), error));
        }
        let prefix = self.prefix.clone().join(STORED);
        self.store.list(Some(&prefix)).next().await.transpose()?;
        Ok(())
    }

    /// Whether a file is stored under this name.
    ///
    /// # Errors
    /// When the storage fails.
    pub async fn has(&self, sha256: Digest) -> Result<bool, FilesError> {
        match self.store.head(&self.path(sha256)).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// The SHA-256 and size of what is really stored under this name; `None` where nothing is.
    ///
    /// # Errors
    /// When the storage fails on the way.
    pub async fn examine(&self, sha256: Digest) -> Result<Option<StoredFile>, FilesError> {
        let mut stream = match self.store.get(&self.path(sha256)).await {
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            other => other?.into_stream(),
        };
        let mut hasher = Hasher::new();
        let mut size = 0;
        while let Some(chunk) = stream.try_next().await? {
            hasher.update(&chunk);
            size += chunk.len() as u64;
        }
        Ok(Some(StoredFile { sha256: Digest::from_bytes(*hasher.finish().as_bytes()), size }))
    }

    /// Takes a stored file away; one that is not there is no error.
    ///
    /// # Errors
    /// When the storage fails.
    pub async fn remove(&self, sha256: Digest) -> Result<(), FilesError> {
        match self.store.delete(&self.path(sha256)).await {
            Err(object_store::Error::NotFound { .. }) => Ok(()),
            other => Ok(other?),
        }
    }

    /// Removes from a local folder what crashes left behind half received. A bucket does that by a lifecycle rule.
    ///
    /// # Errors
    /// When the folder cannot be read, or a file not be removed.
    pub async fn sweep(&self) -> Result<(), FilesError> {
        let Some(staging) = self.folder.as_ref().map(|folder| folder.join(STAGING)) else { return Ok(()) };
        in_folder(staging, remove_old).await
    }

    /// The files stored in a local folder two days ago or earlier whose digest begins with this byte; whatever else lies there is
    /// none of ours. Nothing of a bucket: listing one is slow and costs money.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub async fn old(&self, first_byte: u8) -> Result<Vec<Digest>, FilesError> {
        let Some(folder) = &self.folder else { return Ok(Vec::new()) };
        let prefix = format!("{first_byte:02x}");
        let folder = folder.join(STORED).join(&prefix);
        in_folder(folder, move |folder| {
            Ok(old_entries(folder)?.iter().filter_map(|name| format!("{prefix}{name}").parse().ok()).collect())
        })
        .await
    }

    /// `sha256/ab/cdef…`: folders stay small enough to be listed.
    fn path(&self, sha256: Digest) -> Path {
        let hex = sha256.to_string();
        self.prefix.clone().join(STORED).join(&hex[..2]).join(&hex[2..])
    }
}

/// Does something with a folder, away from the threads that serve; one that is not there is empty.
async fn in_folder<T: Default + Send + 'static>(
    folder: PathBuf,
    work: impl FnOnce(&std::path::Path) -> std::io::Result<T> + Send + 'static,
) -> Result<T, FilesError> {
    let work = move || match work(&folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(T::default()),
        other => other.map_err(|error| FilesError::Folder(folder, error)),
    };
    tokio::task::spawn_blocking(work).await.map_err(|error| FilesError::BrokenOff(error.to_string()))?
}

fn remove_old(staging: &std::path::Path) -> std::io::Result<()> {
    old_entries(staging)?.iter().try_for_each(|name| std::fs::remove_file(staging.join(name)))
}

/// The names in a folder that have not been touched for [`LEFT_BEHIND`].
fn old_entries(folder: &std::path::Path) -> std::io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        // By the file system's own clock on both sides; a file from the future is not old.
        if entry.metadata()?.modified()?.elapsed().is_ok_and(|age| age > LEFT_BEHIND)
            && let Ok(name) = entry.file_name().into_string()
        {
            names.push(name);
        }
    }
    Ok(names)
}
