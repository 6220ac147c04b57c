//! The models of a node: each is being loaded, is ready, or could not be loaded and is tried again later.

use crate::{engine::Model, server::PlannedShare};
use proof::Sha256;
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};
use tokio::task::AbortHandle;

/// How long to wait before a version that failed is loaded again, in microseconds; each further wait is twice as long.
const FIRST_RETRY: i64 = 2_000_000;
/// The longest wait.
const LAST_RETRY: i64 = 120_000_000;

/// A version and its bytes. Two names of the same bytes are loaded twice, so that neither name depends on the other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct VersionKey {
    /// `PROJECT/MODEL:VERSION`.
    pub version: String,
    /// The digest of its files.
    pub model_digest: Sha256,
}

impl VersionKey {
    pub(super) fn of(share: &PlannedShare) -> Self {
        Self { version: share.version.clone(), model_digest: share.model_digest }
    }
}

/// A model with the digests of the files that it came from, or why there is none.
pub type LoadOutcome = Result<(Arc<dyn Model>, BTreeSet<Sha256>), LoadFailure>;

/// Why a version was not loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadFailure {
    /// The reason, in a sentence.
    pub reason: String,
    /// The digests of its files; `None` if they are not known.
    pub files: Option<BTreeSet<Sha256>>,
}

impl From<String> for LoadFailure {
    fn from(reason: String) -> Self {
        Self { reason, files: None }
    }
}

/// How far the load of a version is.
pub(super) enum LoadState {
    /// A task loads the version.
    Running(LoadTask),
    /// The model is ready; `files` are the digests that it came from.
    Ready { model: Arc<dyn Model>, files: BTreeSet<Sha256> },
    /// The version could not be loaded.
    Failed { failure: LoadFailure, tries: u32, again_at: i64 },
}

/// The task that loads a version. Dropping it ends the task.
#[derive(Default)]
pub(super) struct LoadTask(Option<AbortHandle>);

impl Drop for LoadTask {
    fn drop(&mut self) {
        if let Some(task) = &self.0 {
            task.abort();
        }
    }
}

/// The state of each version that the node needs.
#[derive(Default)]
pub(super) struct Loads(HashMap<VersionKey, LoadState>);

impl Loads {
    /// The state of a version, if its load was begun.
    pub fn get(&self, key: &VersionKey) -> Option<&LoadState> {
        self.0.get(key)
    }

    /// Begins the load of a version that is not loaded, or whose next try is due. Gives how often it was tried before.
    pub fn begin(&mut self, key: &VersionKey, now: i64) -> Option<u32> {
        let tries = match self.0.get(key) {
            None => 0,
            Some(LoadState::Failed { tries, again_at, .. }) if now >= *again_at => *tries,
            Some(_) => return None,
        };
        self.0.insert(key.clone(), LoadState::Running(LoadTask::default()));
        Some(tries)
    }

    /// Takes the task of a load that has begun.
    pub fn set_task(&mut self, key: &VersionKey, task: AbortHandle) {
        if let Some(LoadState::Running(place)) = self.0.get_mut(key) {
            *place = LoadTask(Some(task));
        }
    }

    /// Takes the end of a load.
    pub fn end(&mut self, key: &VersionKey, result: LoadOutcome, tries: u32, now: i64) {
        let state = match result {
            Ok((model, files)) => LoadState::Ready { model, files },
            Err(failure) => {
                let wait = FIRST_RETRY.saturating_mul(1 << tries.min(16)).min(LAST_RETRY);
                LoadState::Failed { failure, tries: tries.saturating_add(1), again_at: now.saturating_add(wait) }
            }
        };
        // A version that is no longer needed has no place any more.
        if let Some(place) = self.0.get_mut(key) {
            *place = state;
        }
    }

    /// Whether a version is being loaded.
    pub fn any_running(&self) -> bool {
        self.0.values().any(|state| matches!(state, LoadState::Running(_)))
    }

    /// Drops the models and ends the loads of all other versions.
    pub fn retain(&mut self, versions: &BTreeSet<String>) {
        self.0.retain(|key, _| versions.contains(&key.version));
    }
}
