//! What was read and still holds: callers and what the gate knows of a version, kept as long as the log has not grown.
//!
//! Nothing that an answer rests on changes without an event, so the size of the log is the version of all of it. Each request
//! asks the database for that size once, after it arrived; requests that arrive meanwhile share the next question. So an answer
//! from memory is exactly as fresh as one from the tables, and a database that does not answer makes it an error: a denial.

use crate::{Error, context::Caller, gate::Known};
use domain::{Name, Timestamp, UserId};
use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use store::{Store, StoreError};
use tokio::sync::oneshot;

/// How many entries of each kind are kept before they are all forgotten.
const MOST: usize = 20_000;

/// The memory of a server.
#[derive(Default)]
pub struct Memory {
    held: Mutex<Held>,
    asking: Arc<Mutex<Asking>>,
}

#[derive(Default)]
struct Held {
    size: u64,
    callers: HashMap<Vec<u8>, (Caller, Timestamp)>,
    gates: HashMap<GateKey, Arc<Known>>,
}

/// One question to the gate by one user: whether they may ask it is part of what is remembered.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct GateKey {
    pub user: UserId,
    pub infrastructure: Name,
    pub version: String,
    pub digest: Option<domain::Digest>,
}

type Waiting = Vec<oneshot::Sender<Result<u64, Arc<StoreError>>>>;

#[derive(Default)]
struct Asking {
    running: bool,
    waiting: Waiting,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic while it was held leaves nothing half done: entries are put in whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Memory {
    /// The size of the log at some moment after this call began.
    pub async fn log_size(&self, store: &Store) -> Result<u64, Error> {
        let (tell, told) = oneshot::channel();
        let start = {
            let mut asking = lock(&self.asking);
            asking.waiting.push(tell);
            !std::mem::replace(&mut asking.running, true)
        };
        if start {
            tokio::spawn(ask(store.clone(), self.asking.clone()));
        }
        let told = told.await.map_err(|_| StoreError::Log("its size was not read".to_owned()))?;
        told.map_err(Error::from)
    }

    fn at(&self, size: u64) -> MutexGuard<'_, Held> {
        let mut held = lock(&self.held);
        if held.size != size {
            *held = Held { size, ..Held::default() };
        }
        held
    }

    /// The caller with this hash of a token, if remembered at this size and not past its end.
    pub fn caller(&self, size: u64, token_hash: &[u8], now: Timestamp) -> Option<Caller> {
        self.at(size).callers.get(token_hash).filter(|(_, end)| now < *end).map(|(caller, _)| caller.clone())
    }

    /// Remembers a caller until the token's end.
    pub fn keep_caller(&self, size: u64, token_hash: Vec<u8>, caller: Caller, end: Timestamp) {
        keep(&mut self.at(size).callers, token_hash, (caller, end));
    }

    /// What the gate knows about a question at this size, if it is remembered and still holds.
    pub(crate) fn gate(&self, size: u64, key: &GateKey, now: Timestamp) -> Option<Arc<Known>> {
        self.at(size).gates.get(key).filter(|known| known.holds(now)).cloned()
    }

    /// Remembers what the gate knows.
    pub(crate) fn keep_gate(&self, size: u64, key: GateKey, known: Arc<Known>) {
        keep(&mut self.at(size).gates, key, known);
    }
}

fn keep<K: Eq + Hash, V>(map: &mut HashMap<K, V>, key: K, value: V) {
    if map.len() >= MOST {
        map.clear();
    }
    map.insert(key, value);
}

/// Asks as long as somebody waits; each answer goes to those who came before its question.
async fn ask(store: Store, asking: Arc<Mutex<Asking>>) {
    loop {
        let waiting: Waiting = {
            let mut asking = lock(&asking);
            if asking.waiting.is_empty() {
                asking.running = false;
                return;
            }
            std::mem::take(&mut asking.waiting)
        };
        let size = store.log_size().await.map_err(Arc::new);
        for tell in waiting {
            // Whoever does not listen any more has hung up.
            let _ = tell.send(size.clone());
        }
    }
}
