//! Keeps the process of a model alive. The supervisor starts a process that ended again from the bytes in memory: at once, or
//! after a pause if the process ends again and again. It kills a process that does not end a cancelled request.

use super::{
    child::cancellation,
    frames::MOST_ANSWER,
    process::{self, Settings, Started},
    queue::Queue,
    talk::{receive, send},
};
use bytes::Bytes;
use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};
use tokio::{
    io::AsyncWriteExt,
    net::UnixStream,
    sync::{mpsc, oneshot},
    task::JoinSet,
    time::{Instant, sleep, timeout},
};

/// For a run to stop after it was called off.
const GRACE: Duration = Duration::from_secs(2);
/// A process that lived this long starts with a clean record.
const STEADY: Duration = Duration::from_secs(60);
/// The second pause; the first restart has none, and each further pause is twice as long.
const PAUSE: Duration = Duration::from_millis(100);
/// No pause is longer.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// What is wanted of a process.
pub enum Command {
    /// To call a request off.
    CallOff {
        /// The session.
        session: usize,
        /// The request.
        id: u64,
    },
    /// To be killed, and why.
    Kill(&'static str),
}

/// A process at work.
pub struct Live {
    /// The sessions' requests.
    pub queues: Vec<Arc<Queue>>,
    commands: mpsc::UnboundedSender<Command>,
}

impl Live {
    /// Passes a command on. It does nothing when the process has ended meanwhile.
    pub fn tell(&self, command: Command) {
        let _ = self.commands.send(command);
    }
}

/// The processes of a model, one after the other.
pub struct Life {
    settings: Arc<Settings>,
    version: String,
    onnx: Bytes,
    zipmaps: BTreeMap<String, Vec<String>>,
    now: RwLock<Option<Arc<Live>>>,
}

impl Life {
    /// Looks after a process and those that follow, until `stop` is dropped.
    pub fn begin(
        settings: Arc<Settings>,
        version: String,
        onnx: Bytes,
        zipmaps: BTreeMap<String, Vec<String>>,
        started: Started,
        stop: oneshot::Receiver<()>,
    ) -> Arc<Self> {
        let life = Arc::new(Self { settings, version, onnx, zipmaps, now: RwLock::default() });
        let attended = life.attend(started);
        tokio::spawn(life.clone().go_on(attended, stop));
        life
    }

    /// The process at work, unless one is being started.
    pub fn now(&self) -> Option<Arc<Live>> {
        self.now.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn put(&self, live: Option<Arc<Live>>) {
        *self.now.write().unwrap_or_else(PoisonError::into_inner) = live;
    }

    /// Puts a process to work.
    fn attend(&self, started: Started) -> Attended {
        let Started { process, control, sessions, words, .. } = started;
        let (commands, received) = mpsc::unbounded_channel();
        let queues: Vec<_> = sessions.iter().map(|_| Arc::<Queue>::default()).collect();
        let mut talks = JoinSet::new();
        for (socket, queue) in sessions.into_iter().zip(&queues) {
            let (read, write) = UnixStream::into_split(socket);
            talks.spawn(receive(read, queue.clone(), MOST_ANSWER));
            talks.spawn(send(write, queue.clone()));
        }
        let live = Arc::new(Live { queues, commands });
        self.put(Some(live.clone()));
        Attended { process, control, words, live, received, talks, watches: JoinSet::new() }
    }

    async fn go_on(self: Arc<Self>, mut attended: Attended, mut stop: oneshot::Receiver<()>) {
        let version = &self.version;
        let mut ends = 0_u32;
        loop {
            let born = Instant::now();
            let Some(reason) = attended.until_end(&mut stop).await else { return };
            self.put(None);
            tracing::error!(version, reason, "the model's process ended and is started again");
            ends = if born.elapsed() > STEADY { 1 } else { ends + 1 };
            let started = loop {
                tokio::select! {
                    _ = &mut stop => return,
                    () = sleep(pause(ends)) => {}
                }
                let start = process::start(&self.settings, version, &self.onnx, &self.zipmaps);
                let result = tokio::select! {
                    _ = &mut stop => return,
                    result = start => result,
                };
                match result {
                    Ok(started) => break started,
                    Err(error) => tracing::error!(version, %error, "the model's process does not start again"),
                }
                ends += 1;
            };
            attended = self.attend(started);
        }
    }
}

fn pause(ends: u32) -> Duration {
    match ends {
        0 | 1 => Duration::ZERO,
        more => PAUSE.saturating_mul(1 << (more - 2).min(16)).min(LONGEST_PAUSE),
    }
}

/// A process with all that belongs to it.
struct Attended {
    process: tokio::process::Child,
    control: UnixStream,
    words: Arc<super::last_words::LastWords>,
    live: Arc<Live>,
    received: mpsc::UnboundedReceiver<Command>,
    /// Reading and writing of each session; none of them ends before the process does.
    talks: JoinSet<()>,
    /// For each request that was called off.
    watches: JoinSet<()>,
}

impl Attended {
    /// Does as told until the process ends, and says why it ended; `None` when that was wanted.
    async fn until_end(&mut self, stop: &mut oneshot::Receiver<()>) -> Option<String> {
        let mut killed = None;
        loop {
            tokio::select! {
                biased;
                _ = &mut *stop => break,
                status = self.process.wait() => {
                    self.live.queues.iter().for_each(|queue| queue.close());
                    let status = status.map_or_else(|error| error.to_string(), |status| status.to_string());
                    let words = self.words.quoted().await;
                    return Some(killed.map_or_else(|| format!("{status}{words}"), |reason| format!("killed: {reason}{words}")));
                }
                Some(command) = self.received.recv() => match command {
                    Command::CallOff { session, id } => killed = self.call_off(session, id).await.or(killed),
                    Command::Kill(reason) => killed = killed.or_else(|| self.kill(reason)),
                },
                // It is about to end, or one session of it came to grief: its status and its words will say why.
                Some(_) = self.talks.join_next() => drop(self.kill("")),
                Some(_) = self.watches.join_next() => {}
            }
        }
        // It ends by itself when its channel is closed, and is killed otherwise when this is dropped.
        let _ = self.control.shutdown().await;
        let _ = timeout(GRACE, self.process.wait()).await;
        None
    }

    async fn call_off(&mut self, session: usize, id: u64) -> Option<&'static str> {
        let queue = self.live.queues.get(session)?.clone();
        let first = queue.stands(id)?;
        let message = cancellation(session, id);
        if !matches!(timeout(GRACE, self.control.write_all(&message)).await, Ok(Ok(()))) {
            return self.kill("it does not listen");
        }
        self.watches.spawn(watch(queue, id, first, self.live.commands.clone()));
        None
    }

    fn kill(&mut self, reason: &'static str) -> Option<&'static str> {
        let _ = self.process.start_kill();
        Some(reason)
    }
}

/// Sees to it that a request that was called off is let go of: for how long others before it take, it can do nothing.
async fn watch(queue: Arc<Queue>, id: u64, mut first: bool, commands: mpsc::UnboundedSender<Command>) {
    loop {
        sleep(GRACE).await;
        match queue.stands(id) {
            None => return,
            Some(true) if first => {
                let _ = commands.send(Command::Kill("it did not stop a request whose time was over"));
                return;
            }
            Some(now_first) => first = now_first,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_restart_is_at_once_and_pauses_grow_to_a_limit() {
        let pauses = [1, 2, 3, 10, 11, u32::MAX].map(|ends| pause(ends).as_millis());
        assert_eq!(pauses, [0, 100, 200, 25_600, 30_000, 30_000]);
    }
}
