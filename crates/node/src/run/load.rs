//! Loads one version, from its digest to a model that is ready.

use super::parts::NodeParts;
use crate::{engine::Model, services::VersionKey};
use futures_util::FutureExt;
use proof::Sha256;
use std::{collections::BTreeSet, panic::AssertUnwindSafe, sync::Arc};
use tokio::sync::{Semaphore, mpsc};

/// The result of a load.
pub struct LoadResult {
    /// The version.
    pub key: VersionKey,
    /// How often it had been tried before.
    pub tries: u32,
    /// The model with the digests of its files, or why there is no model.
    pub result: Result<(Arc<dyn Model>, BTreeSet<Sha256>), String>,
}

/// Fetches, verifies and loads one version. The loop always gets a result, unless it aborts the task.
pub async fn load(
    parts: Arc<NodeParts>,
    key: VersionKey,
    tries: u32,
    places: Arc<Semaphore>,
    results: mpsc::UnboundedSender<LoadResult>,
) {
    let _place = places.acquire().await;
    let loading = AssertUnwindSafe(fetch_and_load(&parts, &key)).catch_unwind().await;
    let result = loading.unwrap_or_else(|_| Err("loading it broke off by a mistake of the node, which its log names".to_owned()));
    // Nobody listens when the node stops.
    let _ = results.send(LoadResult { key, tries, result });
}

async fn fetch_and_load(parts: &NodeParts, key: &VersionKey) -> Result<(Arc<dyn Model>, BTreeSet<Sha256>), String> {
    let engine = parts.engine.as_ref().map_err(Clone::clone)?;
    let files = parts.fetcher.fetch(&key.version, key.model_digest).await.map_err(|error| error.to_string())?;
    let model = engine.load(files.model).await.map_err(|error| error.to_string())?;
    Ok((model, files.digests))
}
