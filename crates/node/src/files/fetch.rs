//! Gets the bytes of a version from the cache or the server, and returns them only if they have the permitted digest.

use super::cache::FileCache;
use crate::{
    engine::{LoadError, ModelFiles},
    server::ServerClient,
};
use bytes::Bytes;
use proof::{Manifest, ManifestEntry, Sha256};
use std::{collections::BTreeSet, sync::Arc, time::Duration};

/// The name of the file with golden inputs.
const GOLDEN: &str = "golden.json";
/// How long all files of a version may take to come.
const LONGEST: Duration = Duration::from_secs(600);
/// The most bytes of golden inputs.
const MOST_GOLDEN: u64 = 16 << 20;

/// Gets what a node needs.
#[derive(Clone)]
pub struct Fetcher {
    /// The disk.
    pub cache: Arc<FileCache>,
    /// The network.
    pub server: Arc<ServerClient>,
    /// The most bytes of a model.
    pub most_model: u64,
}

/// The files of a version.
pub struct VersionFiles {
    /// What the engine gets.
    pub model: ModelFiles,
    /// The digests of everything that they came from, for the cache.
    pub digests: BTreeSet<Sha256>,
}

impl Fetcher {
    /// The model of a version: the manifest, whose digest is the version's model digest, and the files that the engine loads.
    ///
    /// # Errors
    /// A version without exactly one model, with a file that is too large, or with a file that neither cache nor server has.
    pub async fn fetch(&self, version: &str, model_digest: Sha256) -> Result<VersionFiles, LoadError> {
        let files = tokio::time::timeout(LONGEST, self.fetch_all(version, model_digest)).await;
        files.unwrap_or_else(|_| Err(LoadError::Fetch(format!("they did not come within {LONGEST:?}"))))
    }

    async fn fetch_all(&self, version: &str, model_digest: Sha256) -> Result<VersionFiles, LoadError> {
        let manifest = self.get(model_digest, Manifest::MAX_BYTES as u64, true).await?;
        let manifest = Manifest::parse(&manifest).map_err(|error| LoadError::Refused(error.to_string()))?;
        let model = model_of(&manifest)?;
        if model.size > self.most_model {
            let (name, size, most) = (&model.name, model.size, self.most_model);
            return Err(LoadError::Refused(format!("{name} has {size} bytes, and this node loads at most {most}")));
        }
        let mut digests = BTreeSet::from([model_digest, model.sha256]);
        let onnx = self.get(model.sha256, model.size, false).await?;
        let golden = match manifest.entries().iter().find(|entry| entry.name.as_str() == GOLDEN) {
            Some(entry) if entry.size > MOST_GOLDEN => {
                return Err(LoadError::Refused(format!("{GOLDEN} has {} bytes, and may have {MOST_GOLDEN}", entry.size)));
            }
            Some(entry) => {
                digests.insert(entry.sha256);
                Some(self.get(entry.sha256, entry.size, false).await?)
            }
            None => None,
        };
        Ok(VersionFiles { model: ModelFiles { version: version.to_owned(), onnx, golden }, digests })
    }

    /// Bytes with this digest.
    async fn get(&self, sha256: Sha256, most: u64, is_manifest: bool) -> Result<Bytes, LoadError> {
        let cache = Arc::clone(&self.cache);
        let cached = tokio::task::spawn_blocking(move || cache.get(sha256, most)).await;
        if let Ok(Some(bytes)) = cached {
            return Ok(bytes.into());
        }
        let fetched = if is_manifest { self.server.manifest(sha256).await } else { self.server.file(sha256, most).await };
        let bytes = fetched.map_err(|error| LoadError::Fetch(error.to_string()))?;
        let bytes = Bytes::from(bytes);
        let (cache, copy) = (Arc::clone(&self.cache), bytes.clone());
        match tokio::task::spawn_blocking(move || cache.put(sha256, &copy)).await {
            Ok(Ok(())) => {}
            // It is in memory and verified: a full disk is no reason not to serve.
            failed => tracing::warn!(?failed, "the cache does not take a file: this node cannot start without its server"),
        }
        Ok(bytes)
    }
}

/// The model among the files of a version.
fn model_of(manifest: &Manifest) -> Result<&ManifestEntry, LoadError> {
    let entries = manifest.entries();
    let place = servable::model_file(entries.iter().map(|entry| entry.name.as_str()));
    place.map(|place| &entries[place]).map_err(|error| LoadError::Refused(error.to_string()))
}
