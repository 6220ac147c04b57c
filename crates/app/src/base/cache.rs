//! The cache: callers, the facts of the gate about a version, and the rounds that wait for somebody.
//!
//! Nothing that an answer rests on changes without an event, and each event names the rows that changed. So the new events
//! say which facts to forget. After each request arrives, the cache asks the database for the size of the log; requests that
//! arrive meanwhile share the next question. So an answer from the cache is as fresh as an answer from the tables. A database
//! that does not answer, or has lost a table or its file, is an error, and the gate answers an error with a denial. A database that cannot
//! be a later state of the one that was seen (a restored backup) makes the cache forget everything.

use crate::{
    Caller, Error,
    base::{
        cache::{
            entries::Entries,
            gate_facts::{GateFacts, GateKey},
            out_of_policy::OutOfPolicy,
            places::Places,
            rights::{Facts, Rights},
            waiting_rounds::WaitingRounds,
        },
        waiting_line::WaitingLine,
    },
};
use domain::{Digest, Timestamp, UserId, VersionId};
use futures_util::FutureExt;
use std::{
    collections::{BTreeSet, HashMap},
    hash::Hash,
    panic::AssertUnwindSafe,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
};
use store::{About, Committed, LogHead, LogMark, LoggedEvent, MailSettings, Reader, Store, StoreError};
use tokio::sync::oneshot;

/// How many events are gone through; after more of them everything is forgotten.
const MOST_EVENTS: u32 = 100;

/// The memory of a server.
pub struct Cache {
    /// When the last event was recorded that was seen, in microseconds.
    last_event_at: Arc<AtomicI64>,
    held: Arc<Mutex<Entries>>,
    asking: Arc<Mutex<SizeQuestions>>,
    /// Held while the rounds that wait are read, so that others who ask for them meanwhile do not read them too.
    pub(crate) waiting_line: WaitingLine,
    /// Held while all that is in service is judged, for the same reason.
    pub(crate) policy_line: WaitingLine,
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
            waiting_line: WaitingLine::default(),
            policy_line: WaitingLine::default(),
        }
    }
}

impl Cache {
    /// When the last event was recorded that this server has seen.
    pub fn last_event_at(&self) -> Timestamp {
        Timestamp::from_micros(self.last_event_at.load(Ordering::SeqCst))
    }

    /// Takes note of a change that this server committed, so that nobody has to read its events. What happened between what is known and the
    /// change is read with the next question.
    pub(crate) fn learn(&self, committed: &Committed) {
        if let Some(at) = committed.after.last_event_at {
            self.last_event_at.fetch_max(at.micros(), Ordering::SeqCst);
        }
        let mut held = lock(&self.held);
        let Some(mark) = held.mark.as_ref().filter(|mark| mark.is_at(&committed.before) && held.size == mark.size) else {
            return;
        };
        let mark = mark.moved_to(&committed.after);
        held.learn(&committed.events, &committed.model_digests);
        held.mark = Some(mark);
    }

    /// Takes note of the head of the log that a writer holds: what is remembered of another log of this size, or of a larger one, says
    /// nothing about this database.
    pub(crate) fn check(&self, head: &LogHead) {
        let mut held = lock(&self.held);
        let size = head.frontier.size();
        if held.mark.as_ref().is_none_or(|mark| mark.size >= size && !mark.is_at(head)) {
            held.forget(size);
            held.mark = Some(LogMark::of(head));
        }
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
            held.callers.insert(token_hash, (caller, end));
        }
    }

    /// What the gate knows about a question at this size or a later one, if it is remembered and still holds.
    pub(crate) fn gate(&self, size: u64, key: &GateKey, now: Timestamp) -> Option<Arc<GateFacts>> {
        lock(&self.held).gate(size, key, now)
    }

    /// Remembers what the gate knows, as read at this size.
    pub(crate) fn keep_gate(&self, size: u64, key: GateKey, known: Arc<GateFacts>) {
        let mut held = lock(&self.held);
        if size >= held.gates_since {
            held.gates.insert(key, (size, known));
        }
    }

    /// What is remembered of the gate's questions in common, as it was at exactly this size.
    pub(crate) fn right<K, V, const MOST: usize>(&self, size: u64, facts: fn(&Rights) -> &Facts<K, V, MOST>, key: &K) -> Option<V>
    where
        K: Eq + Hash + Send + 'static,
        V: Clone + Send + 'static,
    {
        let held = lock(&self.held);
        if held.size >= size { facts(&held.rights).at(size, key) } else { None }
    }

    /// Remembers it, as read at this size.
    pub(crate) fn keep_right<K, V, const MOST: usize>(
        &self,
        size: u64,
        facts: fn(&mut Rights) -> &mut Facts<K, V, MOST>,
        key: K,
        value: V,
    ) where
        K: Eq + Hash + Send + 'static,
        V: Clone + Send + 'static,
    {
        facts(&mut lock(&self.held).rights).keep(size, key, value);
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

    /// What is out of policy, as judged at this size or a later one.
    pub(crate) fn out_of_policy(&self, size: u64, now: Timestamp) -> Option<Arc<OutOfPolicy>> {
        let held = lock(&self.held);
        let (judged_at, known) = held.out_of_policy.as_ref()?;
        (*judged_at >= size && known.until.is_none_or(|until| now < until)).then(|| known.clone())
    }

    /// Remembers what is out of policy, as judged at this size.
    pub(crate) fn keep_out_of_policy(&self, size: u64, judged: Arc<OutOfPolicy>) {
        let mut held = lock(&self.held);
        if size >= held.all_since && held.out_of_policy.as_ref().is_none_or(|(before, _)| *before <= size) {
            held.out_of_policy = Some((size, judged));
        }
    }

    /// The infrastructures whose deployments an account may see, as read at this size or a later one.
    pub(crate) fn places_of(&self, size: u64, user: UserId) -> Option<Arc<Places>> {
        let held = lock(&self.held);
        held.places.get(&user).filter(|(read_at, _)| *read_at >= size).map(|(_, places)| places.clone())
    }

    /// Remembers them, as read at this size.
    pub(crate) fn keep_places_of(&self, size: u64, user: UserId, places: Arc<Places>) {
        let mut held = lock(&self.held);
        if size >= held.all_since {
            held.places.insert(user, (size, places));
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
    // Known before the question: what this server commits meanwhile is later than the answer, and no sign of another database.
    let before = lock(held).mark.clone();
    let mark = store.log_mark().await?;
    if let Some(at) = mark.last_event_at {
        last_event_at.fetch_max(at.micros(), Ordering::SeqCst);
    }
    // However many events there are: what this server reads from now on is no older than the last of them.
    store.catch_up(mark.size).await?;
    let (size, follows) = (mark.size, before.as_ref().is_none_or(|before| mark.follows(before)));
    let known = {
        let held = lock(held);
        if held.mark.as_ref() == Some(&mark) {
            return Ok(size);
        }
        held.size
    };
    if follows && size > known && size - known <= MOST_EVENTS.into() {
        let mut reader = store.read().await?;
        match reader.events(About::default(), known, Timestamp::from_micros(i64::MIN), MOST_EVENTS).await {
            Ok(events) => {
                let bytes = bytes_spoken_of(&mut reader, &events).await?;
                let mut held = lock(held);
                // This server may have committed some of them meanwhile.
                let from = events.partition_point(|event| event.position < held.size);
                held.learn(&events[from..], &bytes);
            }
            // An event that a newer server wrote: what it changed is not known, so everything is forgotten below.
            Err(StoreError::Unreadable { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    let mut held = lock(held);
    if follows && held.size >= size && held.mark.as_ref().is_some_and(|later| later.size > size) {
        return Ok(size);
    }
    // A database that is not a later state of the one that was seen: nothing that is remembered says anything about it.
    if held.size < size || !follows || held.mark.as_ref().is_some_and(|known| !mark.follows(known)) {
        held.forget(size);
    }
    held.mark = Some(mark);
    Ok(size)
}

/// The bytes of the versions that something was signed about: the word counts for every version with these bytes. Without a version that
/// cannot be read; what is known of any version is forgotten then.
async fn bytes_spoken_of(reader: &mut Reader, events: &[LoggedEvent]) -> Result<HashMap<VersionId, Digest>, StoreError> {
    let signed = events.iter().filter(|event| !event.statements.is_empty());
    let versions: BTreeSet<_> = signed.filter_map(|event| event.about.version).collect();
    if versions.is_empty() {
        return Ok(HashMap::new());
    }
    match reader.versions_among(versions).await {
        Ok(versions) => Ok(versions.into_iter().map(|version| (version.id, version.model_digest)).collect()),
        Err(error) if error.is_outage() => Err(error),
        Err(_) => Ok(HashMap::new()),
    }
}

mod entries;
pub(crate) mod gate_facts;
pub(crate) mod out_of_policy;
pub(crate) mod places;
pub(crate) mod rights;
#[cfg(test)]
mod tests;
pub(crate) mod waiting_rounds;
