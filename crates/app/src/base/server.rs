//! The server of every use case: storage, keys, clock, randomness and settings, put together once at start-up.

use crate::{
    Clock, Entropy, Keys,
    base::{
        cache::Cache, continuation::Continuation, fork_state::ForkState, jobs::JobStates, links::Links, mail::Mail,
        networks::Networks, receiving::Receiving, session_uses::SessionUses, storage_state::StorageState,
        verified::VerifiedDecisions,
    },
};
use domain::{Duration, Timestamp};
use std::{path::PathBuf, sync::Arc};
use store::{Files, SealKey, Store};

/// The parts of a running server.
pub struct Server {
    /// The database.
    pub store: Store,
    /// The model files.
    pub files: Files,
    /// The server's keys.
    pub keys: Keys,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Settings.
    pub settings: Settings,
    /// What the background jobs do.
    pub jobs: JobStates,
    pub(crate) cache: Cache,
    pub(crate) continuation: Continuation,
    pub(crate) verified: VerifiedDecisions,
    pub(crate) session_uses: SessionUses,
    pub(crate) receiving: Receiving,
    /// Whether the log continues what was signed.
    pub fork: ForkState,
    /// Whether the storage of model files answers.
    pub storage: StorageState,
    pub(crate) checkpoint_turn: tokio::sync::Mutex<()>,
    /// Held while the server checks whether a node can serve a model.
    pub(crate) model_check: tokio::sync::Mutex<()>,
}

/// What the operator chooses.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The addresses under which people and programs reach the server.
    pub links: Arc<dyn Links>,
    /// The name by which statements and the log call this server.
    pub server_name: String,
    /// The bounds.
    pub limits: Limits,
    /// How messages leave the server, by its configuration; none where administrators choose.
    pub mail: Option<Mail>,
    /// A folder with templates of mails, in the place of the server's own.
    pub mail_templates: Option<PathBuf>,
    /// Which addresses webhooks may have.
    pub networks: Networks,
}

/// Bounds on what is taken in.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes of one file.
    pub file_bytes: u64,
    /// Bytes of all files of a version.
    pub version_bytes: u64,
    /// Files of a version.
    pub version_files: u64,
    /// How long an upload may take before it is forgotten.
    pub upload_lifetime: Duration,
    /// How long an invitation holds.
    pub invitation_lifetime: Duration,
    /// How long a token from signing in holds.
    pub session_lifetime: Duration,
    /// How long after signing in a final decision needs no password.
    pub reauthenticate_after: Duration,
    /// How long a browser stays signed in at the most.
    pub browser_session_lifetime: Duration,
    /// After how long without a request a browser's session ends.
    pub browser_session_idle: Duration,
    /// How long a set-up link holds.
    pub setup_link_lifetime: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 4 << 30,
            version_bytes: 16 << 30,
            version_files: 10_000,
            upload_lifetime: Duration::from_days(1),
            invitation_lifetime: Duration::from_days(7),
            session_lifetime: Duration::from_days(30),
            reauthenticate_after: Duration::from_seconds(15 * 60),
            browser_session_lifetime: Duration::from_days(7),
            browser_session_idle: Duration::from_seconds(8 * 60 * 60),
            setup_link_lifetime: Duration::from_seconds(30 * 60),
        }
    }
}

impl Server {
    /// The present: what the clock says, and no earlier than the last event that is known. A clock that was set back would bring
    /// approvals back that have ended.
    pub fn now(&self) -> Timestamp {
        self.clock.now().max(self.cache.last_event_at())
    }

    /// Puts a server together.
    pub fn new(
        store: Store,
        files: Files,
        keys: Keys,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        settings: Settings,
    ) -> Arc<Self> {
        store.seal_with(SealKey::derive(&keys.signing));
        Arc::new(Self {
            store,
            files,
            keys,
            clock,
            entropy,
            settings,
            jobs: JobStates::default(),
            cache: Cache::default(),
            continuation: Continuation::default(),
            verified: VerifiedDecisions::default(),
            session_uses: SessionUses::default(),
            receiving: Receiving::default(),
            fork: ForkState::default(),
            storage: StorageState::default(),
            checkpoint_turn: tokio::sync::Mutex::default(),
            model_check: tokio::sync::Mutex::default(),
        })
    }
}
