//! Loads one version, from its digest to a model that is ready.

use super::Parts;
use crate::{engine::Model, keeper::VersionKey};
use futures_util::FutureExt;
use proof::Sha256;
use std::{collections::BTreeSet, panic::AssertUnwindSafe, sync::Arc};
use tokio::sync::{Semaphore, mpsc};

/// The end of a load.
pub struct Loaded {
    /// What was loaded.
    pub key: VersionKey,
    /// How often it had been tried before.
    pub tries: u32,
    /// The model with everything that it came from, or why there is none.
    pub result: Result<(Arc<dyn Model>, BTreeSet<Sha256>), String>,
}

/// Fetches, verifies and loads one version. The loop always hears of the end, unless the task is aborted.
pub async fn load(parts: Arc<Parts>, key: VersionKey, tries: u32, places: Arc<Semaphore>, ends: mpsc::UnboundedSender<Loaded>) {
    let _place = places.acquire().await;
    let caught = AssertUnwindSafe(fetch_and_load(&parts, &key)).catch_unwind().await;
    let result = caught.unwrap_or_else(|_| Err("loading it broke off by a mistake of the node, which its log names".to_owned()));
    // Nobody listens when the node stops.
    let _ = ends.send(Loaded { key, tries, result });
}

async fn fetch_and_load(parts: &Parts, key: &VersionKey) -> Result<(Arc<dyn Model>, BTreeSet<Sha256>), String> {
    let engine = parts.engine.as_ref().map_err(Clone::clone)?;
    let fetched = parts.fetcher.fetch(&key.version, key.model_digest).await.map_err(|error| error.to_string())?;
    let model = engine.load(fetched.files).await.map_err(|error| error.to_string())?;
    Ok((model, fetched.kept))
}
