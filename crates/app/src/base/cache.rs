//! The cache: callers, the facts of the gate about a version, and the rounds that wait for somebody.
//!
//! Nothing that an answer rests on changes without an event, and each event names the rows that changed. So the new events
//! say which facts to forget. After each request arrives, the cache asks the database for the size of the log; requests that
//! arrive meanwhile share the next question. So an answer from the cache is as fresh as an answer from the tables. A database
//! that does not answer, or has lost a table or its file, is an error, and the gate answers an error with a denial. A database that cannot
//! be a later state of the one that was seen (a restored backup) makes the cache forget everything.

use crate::{
    Caller, Error,
    base::cache::{gate_facts::GateFacts, out_of_policy::OutOfPolicy, waiting_rounds::WaitingRounds},
};
use domain::{Digest, Name, Timestamp, UserId, VersionId, event::Event};
use futures_util::FutureExt;
use std::{
    collections::HashMap,
    hash::Hash,
    panic::AssertUnwindSafe,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
};
use store::{About, LogMark, LoggedEvent, MailSettings, Store, StoreError};
use tokio::sync::oneshot;

/// How many entries of each kind are kept before half of them are forgotten.
const MOST: usize = 20_000;

/// How many events are gone through; after more of them everything is forgotten.
const MOST_EVENTS: u32 = 100;

/// The memory of a server.
pub struct Cache {
    /// When the last event was recorded that was seen, in microseconds.
    last_event_at: Arc<AtomicI64>,
    held: Arc<Mutex<Entries>>,
    asking: Arc<Mutex<SizeQuestions>>,
    /// Held while the rounds that wait are read, so that others who ask for them meanwhile do not read them too.
    pub(crate) waiting_turn: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Entries {
    /// What the database said when it was asked last.
    mark: Option<LogMark>,
    /// The size of the log up to which its events were gone through.
    size: u64,
    /// The size at which everything was forgotten last.
    all_since: u64,
    /// The size at which the callers were forgotten last.
    since: u64,
    /// The size at which all that the gate knows was forgotten last.
    gates_since: u64,
    callers: HashMap<Vec<u8>, (Caller, Timestamp)>,
    /// Each with the size at which it was read.
    gates: HashMap<GateKey, (u64, Arc<GateFacts>)>,
    /// Versions that changed, with the size right after; what was read at that size or later still holds.
    changed: HashMap<VersionId, u64>,
    /// The same for whichever version changed last.
    any_changed: u64,
    /// Bytes that a new version was registered with, with the size right after.
    registered: HashMap<Digest, u64>,
    /// With the size at which they were read.
    waiting: Option<(u64, Arc<WaitingRounds>)>,
    /// By account, each with the size at which it was counted.
    out_of_policy: HashMap<UserId, (u64, OutOfPolicy)>,
    /// The mail server that administrators chose, or that they chose none.
    mail: Option<Option<Arc<MailSettings>>>,
}

/// One question to the gate by one user: whether they may ask it is part of what is remembered.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct GateKey {
    pub user: UserId,
    pub infrastructure: Name,
    pub version: String,
    pub digest: Option<Digest>,
}

type Waiting = Vec<oneshot::Sender<Result<u64, Arc<StoreError>>>>;

#[derive(Default)]
struct SizeQuestions {
    running: bool,
    waiting: Waiting,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic while it was held leaves nothing half done: entries are put in whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Default for Cache {
    fn default() -> Self {
        Self {
            last_event_at: Arc::new(AtomicI64::new(i64::MIN)),
            held: Arc::default(),
            asking: Arc::default(),
            waiting_turn: tokio::sync::Mutex::default(),
        }
    }
}

impl Cache {
    /// When the last event was recorded that this server has seen.
    pub fn last_event_at(&self) -> Timestamp {
        Timestamp::from_micros(self.last_event_at.load(Ordering::SeqCst))
    }

    /// The size of the log at some moment after this call began.
    pub async fn log_size(&self, store: &Store) -> Result<u64, Error> {
        let (tell, told) = oneshot::channel();
        let start = {
            let mut asking = lock(&self.asking);
            asking.waiting.push(tell);
            !std::mem::replace(&mut asking.running, true)
        };
        if start {
            tokio::spawn(ask(store.clone(), self.last_event_at.clone(), self.held.clone(), self.asking.clone()));
        }
        let told = told.await.map_err(|_| StoreError::Log("its size was not read".to_owned()))?;
        told.map_err(Error::from)
    }

    /// The caller with this hash of a token, if remembered at this size or a later one and not past its end.
    pub fn caller(&self, size: u64, token_hash: &[u8], now: Timestamp) -> Option<Caller> {
        let held = lock(&self.held);
        let known = held.callers.get(token_hash).filter(|(_, end)| held.size >= size && now < *end);
        known.map(|(caller, _)| caller.clone())
    }

    /// Remembers a caller, as read at this size, until the token's end.
    pub fn keep_caller(&self, size: u64, token_hash: Vec<u8>, caller: Caller, end: Timestamp) {
        let mut held = lock(&self.held);
        if size >= held.since {
            keep(&mut held.callers, token_hash, (caller, end));
        }
    }

    /// What the gate knows about a question at this size or a later one, if it is remembered and still holds.
    pub(crate) fn gate(&self, size: u64, key: &GateKey, now: Timestamp) -> Option<Arc<GateFacts>> {
        let held = lock(&self.held);
        let (read_at, known) = held.gates.get(key).filter(|(_, known)| held.size >= size && known.holds(now))?;
        let changed_at = match (known.version_id(), &known.same_bytes) {
            (Some(version), Some(same_bytes)) if !key.version.is_empty() => {
                let changed = same_bytes.iter().chain([&version]).filter_map(|version| held.changed.get(version));
                changed.chain(held.registered.get(&known.candidate.model_digest)).copied().max().unwrap_or(0)
            }
            // Which version speaks for bytes depends on all of them.
            _ => held.any_changed,
        };
        (*read_at >= changed_at).then(|| known.clone())
    }

    /// Remembers what the gate knows, as read at this size.
    pub(crate) fn keep_gate(&self, size: u64, key: GateKey, known: Arc<GateFacts>) {
        let mut held = lock(&self.held);
        if size >= held.gates_since {
            keep(&mut held.gates, key, (size, known));
        }
    }

    /// The rounds that wait for somebody as they were read last, and the versions that have changed since. None where they are not
    /// remembered, or where a change of people or rules, or the time, may have changed any of them.
    pub(crate) fn waiting(&self, size: u64, now: Timestamp) -> Option<(Arc<WaitingRounds>, Vec<VersionId>)> {
        let held = lock(&self.held);
        let (read_at, rounds) = held.waiting.as_ref().filter(|(_, rounds)| held.size >= size && rounds.holds(now))?;
        let changed = held.changed.iter().filter(|(_, after)| *after > read_at).map(|(version, _)| *version);
        Some((rounds.clone(), changed.collect()))
    }

    /// Remembers them, as read at this size.
    pub(crate) fn keep_waiting(&self, size: u64, rounds: Arc<WaitingRounds>) {
        let mut held = lock(&self.held);
        if size >= held.all_since && held.waiting.as_ref().is_none_or(|(read_at, _)| *read_at <= size) {
            held.waiting = Some((size, rounds));
        }
    }

    /// How many deployments out of policy an account sees, as counted at exactly this size.
    pub(crate) fn out_of_policy(&self, size: u64, user: UserId, now: Timestamp) -> Option<OutOfPolicy> {
        let held = lock(&self.held);
        let (counted_at, known) = held.out_of_policy.get(&user)?;
        (*counted_at == size && known.until.is_none_or(|until| now < until)).then_some(*known)
    }

    /// Remembers the number, as counted at this size.
    pub(crate) fn keep_out_of_policy(&self, size: u64, user: UserId, counted: OutOfPolicy) {
        let mut held = lock(&self.held);
        if size >= held.all_since {
            keep(&mut held.out_of_policy, user, (size, counted));
        }
    }

    /// The mail server that administrators chose, at this size or a later one. None where that is not remembered.
    pub(crate) fn mail(&self, size: u64) -> Option<Option<Arc<MailSettings>>> {
        let held = lock(&self.held);
        held.mail.clone().filter(|_| held.size >= size)
    }

    /// Remembers it, as read at this size.
    pub(crate) fn keep_mail(&self, size: u64, chosen: Option<Arc<MailSettings>>) {
        let mut held = lock(&self.held);
        if size >= held.all_since {
            held.mail = Some(chosen);
        }
    }
}

fn keep<K: Eq + Hash, V>(map: &mut HashMap<K, V>, key: K, value: V) {
    if map.len() >= MOST {
        // Any half: the map's order is none that a caller could choose.
        let mut stays = false;
        map.retain(|_, _| {
            stays = !stays;
            stays
        });
    }
    map.insert(key, value);
}

impl Entries {
    fn forget(&mut self, size: u64) {
        let mark = self.mark.take();
        *self = Self { mark, size, all_since: size, since: size, gates_since: size, any_changed: size, ..Self::default() };
    }

    fn forget_gates(&mut self, size: u64) {
        self.gates.clear();
        self.gates_since = size;
    }

    fn changed(&mut self, version: VersionId, size: u64) {
        self.changed.insert(version, size);
        self.any_changed = size;
    }

    /// Goes through the events from `self.size` on: changes of versions and their permits touch what is known of them, deployments
    /// what is known of any version, and tokens the callers; of any other row it is not known whom it matters to.
    fn learn(&mut self, events: &[LoggedEvent]) {
        for event in events {
            let after = event.position + 1;
            if event.position != self.size || self.changed.len() >= MOST || self.registered.len() >= MOST {
                return self.forget(events.last().map_or(after, |last| last.position + 1));
            }
            self.size = after;
            if let Event::VersionCreated { model_digest, .. } = &event.event {
                self.registered.insert(*model_digest, after);
            }
            if matches!(event.event, Event::AbsenceSet { .. }) {
                // Nothing that is remembered rests on an absence but the callers, whose accounts bear it.
                self.callers.clear();
                self.since = after;
                continue;
            }
            for (row, _) in &event.rows {
                let mut parts = row.split('/');
                match (parts.next(), parts.next().map(str::parse::<VersionId>)) {
                    (Some("versions" | "rounds"), Some(Ok(version))) => {
                        self.changed(version, after);
                    }
                    (Some("tokens"), _) => {
                        self.callers.clear();
                        self.since = after;
                    }
                    // What is in service is part of what the gate knows, for the permit that it hands out.
                    (Some("deployments" | "revisions"), _) => self.forget_gates(after),
                    (Some("shares"), _) => match event.about.version {
                        Some(version) => self.changed(version, after),
                        None => self.forget_gates(after),
                    },
                    // A permit counts only while a share has it, whose row would be named as well.
                    (Some("statements" | "invitations"), _) => {}
                    _ => self.forget(after),
                }
            }
        }
    }
}

/// Asks as long as somebody waits; each answer goes to those who came before its question.
async fn ask(store: Store, last_event_at: Arc<AtomicI64>, held: Arc<Mutex<Entries>>, asking: Arc<Mutex<SizeQuestions>>) {
    loop {
        let waiting: Waiting = {
            let mut asking = lock(&asking);
            if asking.waiting.is_empty() {
                asking.running = false;
                return;
            }
            std::mem::take(&mut asking.waiting)
        };
        // A panic must not leave those waiting who come later.
        let size = AssertUnwindSafe(catch_up(&store, &last_event_at, &held)).catch_unwind().await;
        let size = size.unwrap_or_else(|_| Err(StoreError::Log("asking for its size panicked".to_owned()))).map_err(Arc::new);
        for tell in waiting {
            // A receiver that is gone has hung up.
            let _ = tell.send(size.clone());
        }
    }
}

/// The size of the log, once everything that happened up to it is taken into account.
async fn catch_up(store: &Store, last_event_at: &AtomicI64, held: &Mutex<Entries>) -> Result<u64, StoreError> {
    let mark = store.log_mark().await?;
    if let Some(at) = mark.last_event_at {
        last_event_at.fetch_max(at.micros(), Ordering::SeqCst);
    }
    // However many events there are: what this server reads from now on is no older than the last of them.
    store.catch_up(mark.size).await?;
    let (size, known, follows) = {
        let held = lock(held);
        if held.mark.as_ref() == Some(&mark) {
            return Ok(mark.size);
        }
        (mark.size, held.size, held.mark.as_ref().is_none_or(|earlier| mark.follows(earlier)))
    };
    if follows && size > known && size - known <= MOST_EVENTS.into() {
        let mut reader = store.read().await?;
        match reader.events(About::default(), known, Timestamp::from_micros(i64::MIN), MOST_EVENTS).await {
            Ok(events) => lock(held).learn(&events),
            // An event that a newer server wrote: what it changed is not known, so everything is forgotten below.
            Err(StoreError::Unreadable { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    let mut held = lock(held);
    // A database that is not a later state of the one that was seen: nothing that is remembered says anything about it.
    if held.size < size || !follows {
        held.forget(size);
    }
    held.mark = Some(mark);
    Ok(size)
}

pub(crate) mod gate_facts;
pub(crate) mod out_of_policy;
#[cfg(test)]
mod tests;
pub(crate) mod waiting_rounds;
