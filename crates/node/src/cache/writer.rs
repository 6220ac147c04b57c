//! Writes to the cache from one thread, in order: a slow disk delays nothing that the node serves. Of the plans that wait, the
//! thread writes only the latest.

use super::{Cache, PlanNotKept};
use proof::Sha256;
use std::{
    collections::BTreeSet,
    io,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        mpsc::{Receiver, Sender, channel},
    },
    thread,
    time::Duration,
};

/// How long the last plan may take when a node stops: a disk that hangs must not keep it from stopping.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// Writes for as long as it is there; dropping it writes what still waits, for five seconds at most.
#[derive(Debug)]
pub struct Writer {
    desk: Arc<Desk>,
    /// Ends with the thread.
    alive: Mutex<Receiver<()>>,
}

#[derive(Debug)]
struct Desk {
    cache: Arc<Cache>,
    wanted: Mutex<Wanted>,
    changed: Condvar,
    problem: Mutex<Option<String>>,
}

/// What is to be done.
#[derive(Debug, Default)]
struct Wanted {
    plan: Option<Vec<u8>>,
    content: Option<BTreeSet<Sha256>>,
    over: bool,
}

impl Writer {
    /// Starts the thread.
    ///
    /// # Errors
    /// The system's.
    pub fn start(cache: Arc<Cache>) -> io::Result<Self> {
        let desk = Arc::new(Desk { cache, wanted: Mutex::default(), changed: Condvar::new(), problem: Mutex::default() });
        let (thread, alive) = channel();
        let its_desk = desk.clone();
        thread::Builder::new().name("cache".to_owned()).spawn(move || its_desk.work(&thread))?;
        Ok(Self { desk, alive: Mutex::new(alive) })
    }

    /// Keeps a plan.
    pub fn put_plan(&self, bytes: Vec<u8>) {
        self.desk.wanted().plan = Some(bytes);
        self.desk.changed.notify_one();
    }

    /// Removes all content but this, unless [`Self::keep_all`] comes first.
    pub fn keep_only(&self, content: BTreeSet<Sha256>) {
        self.desk.wanted().content = Some(content);
        self.desk.changed.notify_one();
    }

    /// Removes nothing for now: more may be wanted.
    pub fn keep_all(&self) {
        self.desk.wanted().content = None;
    }

    /// What is wrong with what is kept, in a sentence: a start without the server would serve something else than is served now.
    pub fn problem(&self) -> Option<String> {
        self.desk.problem.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.desk.wanted().over = true;
        self.desk.changed.notify_one();
        // Nothing is ever sent: it is an error when the thread has ended, or when the time is over.
        let _ = self.alive.get_mut().unwrap_or_else(PoisonError::into_inner).recv_timeout(LAST_WORDS);
    }
}

impl Desk {
    fn work(&self, _alive: &Sender<()>) {
        loop {
            let idle = |wanted: &mut Wanted| wanted.plan.is_none() && wanted.content.is_none() && !wanted.over;
            let mut wanted = self.changed.wait_while(self.wanted(), idle).unwrap_or_else(PoisonError::into_inner);
            let (plan, more) = (wanted.plan.take(), wanted.content.is_some());
            drop(wanted);
            match plan {
                Some(plan) => self.put_plan(&plan),
                None if more => self.cache.keep_only(|| self.wanted().content.take()),
                None => return,
            }
        }
    }

    fn put_plan(&self, plan: &[u8]) {
        let problem = match self.cache.put_plan(plan) {
            Ok(()) => None,
            Err(gone @ PlanNotKept::Gone(_)) => {
                tracing::warn!("{gone}");
                None
            }
            Err(outdated) => {
                tracing::error!("{outdated}");
                Some(outdated.to_string())
            }
        };
        *self.problem.lock().unwrap_or_else(PoisonError::into_inner) = problem;
    }

    fn wanted(&self) -> MutexGuard<'_, Wanted> {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
