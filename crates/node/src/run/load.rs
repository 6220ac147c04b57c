//! Loads one version, from its digest to a model that is ready.

use super::parts::NodeParts;
use crate::services::{LoadFailure, LoadOutcome, VersionKey};
use futures_util::FutureExt;
use std::{panic::AssertUnwindSafe, sync::Arc};
use tokio::sync::{Semaphore, mpsc};

/// How many versions the node fetches side by side. A slow download holds up no other version until so many are slow.
const FETCHES_AT_ONCE: usize = 6;
/// How many versions the node loads side by side.
const LOADS_AT_ONCE: usize = 2;

/// The places of all loads.
pub struct LoadPlaces {
    fetches: Semaphore,
    loads: Semaphore,
}

impl Default for LoadPlaces {
    fn default() -> Self {
        Self { fetches: Semaphore::new(FETCHES_AT_ONCE), loads: Semaphore::new(LOADS_AT_ONCE) }
    }
}

/// The result of a load.
pub struct LoadResult {
    /// The version.
    pub key: VersionKey,
    /// How often it had been tried before.
    pub tries: u32,
    /// The model with the digests of its files, or why there is no model.
    pub result: LoadOutcome,
}

/// Fetches, verifies and loads one version. The loop always gets a result, unless it aborts the task.
pub async fn load(
    parts: Arc<NodeParts>,
    key: VersionKey,
    tries: u32,
    places: Arc<LoadPlaces>,
    results: mpsc::UnboundedSender<LoadResult>,
) {
    let loading = AssertUnwindSafe(fetch_and_load(&parts, &key, &places)).catch_unwind().await;
    let result =
        loading.unwrap_or_else(|_| Err("loading it broke off by a mistake of the node, which its log names".to_owned().into()));
    // Nobody listens when the node stops.
    let _ = results.send(LoadResult { key, tries, result });
}

async fn fetch_and_load(parts: &NodeParts, key: &VersionKey, places: &LoadPlaces) -> LoadOutcome {
    let engine = parts.engine.as_ref().map_err(Clone::clone)?;
    let fetching = places.fetches.acquire().await;
    let files = parts.fetcher.fetch(&key.version, key.model_digest).await.map_err(|error| error.to_string())?;
    // Given back only now, so that not many files wait in memory.
    let _loading = places.loads.acquire().await;
    drop(fetching);
    match engine.load(files.model).await {
        Ok(model) => Ok((model, files.digests)),
        Err(error) => Err(LoadFailure { reason: error.to_string(), files: Some(files.digests) }),
    }
}
