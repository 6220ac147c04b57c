//! Writes to the cache from one thread, in order: a slow disk delays nothing that the node serves. Of the plans that wait, the
//! thread writes only the latest.

use super::cache::{FileCache, PlanWriteError};
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

/// How long the writer may take when the node stops: a disk that hangs must not keep the node from stopping.
const STOPPING_TIME: Duration = Duration::from_secs(5);

/// Writes to the cache. Dropping the writer writes what still waits, for five seconds at most.
#[derive(Debug)]
pub struct CacheWriter {
    thread: Arc<WriterThread>,
    /// Ends with the thread.
    alive: Mutex<Receiver<()>>,
}

#[derive(Debug)]
struct WriterThread {
    cache: Arc<FileCache>,
    tasks: Mutex<Tasks>,
    changed: Condvar,
    problems: Mutex<Problems>,
}

/// Why a start after this one would know less than the node does now.
#[derive(Debug, Default)]
struct Problems {
    plan: Option<String>,
    witness: Option<String>,
}

/// What the thread is to do.
#[derive(Debug, Default)]
struct Tasks {
    /// What the node saw of the log, to write.
    witness: Option<Vec<u8>>,
    /// The plan to write.
    plan: Option<Vec<u8>>,
    /// The content to keep; all other content is to be removed.
    content: Option<BTreeSet<Sha256>>,
    /// Whether to end.
    stopping: bool,
}

impl CacheWriter {
    /// Starts the thread.
    ///
    /// # Errors
    /// The system's.
    pub fn start(cache: Arc<FileCache>) -> io::Result<Self> {
        let thread =
            Arc::new(WriterThread { cache, tasks: Mutex::default(), changed: Condvar::new(), problems: Mutex::default() });
        let (end, alive) = channel();
        let writer = thread.clone();
        thread::Builder::new().name("cache".to_owned()).spawn(move || writer.work(&end))?;
        Ok(Self { thread, alive: Mutex::new(alive) })
    }

    /// Writes to the cache what the node saw of the log.
    pub fn put_witness(&self, bytes: Vec<u8>) {
        self.thread.tasks().witness = Some(bytes);
        self.thread.changed.notify_one();
    }

    /// Writes a plan to the cache.
    pub fn put_plan(&self, bytes: Vec<u8>) {
        self.thread.tasks().plan = Some(bytes);
        self.thread.changed.notify_one();
    }

    /// Removes all content but this, unless [`Self::keep_all`] comes first.
    pub fn keep_only(&self, content: BTreeSet<Sha256>) {
        self.thread.tasks().content = Some(content);
        self.thread.changed.notify_one();
    }

    /// Removes nothing for now: more content may be needed.
    pub fn keep_all(&self) {
        self.thread.tasks().content = None;
    }

    /// Why the next start would serve something else than the node serves now, or believe what the node refuses now, in a sentence.
    pub fn problem(&self) -> Option<String> {
        let problems = self.thread.problems();
        let problems: Vec<_> = [&problems.plan, &problems.witness].into_iter().flatten().cloned().collect();
        (!problems.is_empty()).then(|| problems.join("; "))
    }
}

impl Drop for CacheWriter {
    fn drop(&mut self) {
        self.thread.tasks().stopping = true;
        self.thread.changed.notify_one();
        // Nothing is ever sent: it is an error when the thread has ended, or when the time is over.
        let _ = self.alive.get_mut().unwrap_or_else(PoisonError::into_inner).recv_timeout(STOPPING_TIME);
    }
}

impl WriterThread {
    fn work(&self, _alive: &Sender<()>) {
        loop {
            let idle =
                |tasks: &mut Tasks| tasks.witness.is_none() && tasks.plan.is_none() && tasks.content.is_none() && !tasks.stopping;
            let mut tasks = self.changed.wait_while(self.tasks(), idle).unwrap_or_else(PoisonError::into_inner);
            let (witness, plan, more) = (tasks.witness.take(), tasks.plan.take(), tasks.content.is_some());
            drop(tasks);
            // The plan first: a revocation must outlive a restart, and a plan that is kept says nothing of the log.
            match (plan, witness) {
                (None, None) if more => self.cache.keep_only(|| self.tasks().content.take()),
                (None, None) => return,
                (plan, witness) => {
                    plan.iter().for_each(|plan| self.put_plan(plan));
                    witness.iter().for_each(|witness| self.put_witness(witness));
                }
            }
        }
    }

    fn put_plan(&self, plan: &[u8]) {
        let problem = match self.cache.put_plan(plan) {
            Ok(()) => None,
            Err(gone @ PlanWriteError::Removed(_)) => {
                tracing::warn!("{gone}");
                None
            }
            Err(outdated) => {
                tracing::error!("{outdated}");
                Some(outdated.to_string())
            }
        };
        self.problems().plan = problem;
    }

    fn put_witness(&self, bytes: &[u8]) {
        let failed = self.cache.put_witness(bytes).err();
        self.problems().witness = failed.map(|error| {
            let problem = format!(
                "the cache does not take what this node saw of the server's log: the next start would take an earlier log for the \
                 present one: {error}"
            );
            tracing::warn!("{problem}");
            problem
        });
    }

    fn problems(&self) -> MutexGuard<'_, Problems> {
        self.problems.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tasks(&self) -> MutexGuard<'_, Tasks> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
