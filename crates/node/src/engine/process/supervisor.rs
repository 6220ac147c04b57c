//! Keeps the process of a model alive. The supervisor starts a process that ended again from the bytes in memory, at the pace that
//! `pace` sets, and says how the model is. It kills a process that does not end a cancelled request.

use super::{
    health::ProcessHistory,
    memory_use::memory_use,
    pace::RestartPace,
    queue::Queue,
    socket::{receive, send},
    start::{self, ModelProcess},
    stderr::StderrTail,
};
use crate::engine::{
    interface::ModelHealth,
    messages::{cancel, frames::MOST_ANSWER},
    settings::EngineSettings,
};
use bytes::Bytes;
use servable::onnx::OnnxFile;
use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};
use tokio::{
    io::AsyncWriteExt,
    net::UnixStream,
    sync::{Notify, mpsc, oneshot},
    task::JoinSet,
    time::{Instant, sleep, timeout},
};

/// For a run to stop after it was called off.
const CANCEL_TIME: Duration = Duration::from_secs(2);
/// A process that lived this long was well, whether anybody asked it or not.
const STEADY_TIME: Duration = Duration::from_secs(60);
/// What a process is to do.
pub enum Command {
    /// To call a request off.
    Cancel {
        /// The session.
        session: usize,
        /// The request.
        id: u64,
    },
    /// To be killed, and why.
    Kill(&'static str),
}

/// A process at work.
pub struct Connection {
    /// The sessions' requests.
    pub queues: Vec<Arc<Queue>>,
    pid: Option<u32>,
    commands: mpsc::UnboundedSender<Command>,
}

impl Connection {
    /// Passes a command on. It does nothing when the process has ended meanwhile.
    pub fn tell(&self, command: Command) {
        let _ = self.commands.send(command);
    }
}

/// The processes of a model, one after the other.
pub struct Supervisor {
    settings: Arc<EngineSettings>,
    version: String,
    onnx: Bytes,
    file: OnnxFile,
    now: RwLock<Option<Arc<Connection>>>,
    /// Wakes those who wait for a process: one is at work, or could not be started.
    changed: Notify,
    history: RwLock<ProcessHistory>,
}

impl Supervisor {
    /// Supervises a process and its successors, until `stop` is dropped.
    pub fn begin(
        settings: Arc<EngineSettings>,
        version: String,
        onnx: Bytes,
        file: OnnxFile,
        started: ModelProcess,
        stop: oneshot::Receiver<()>,
    ) -> Arc<Self> {
        let supervisor = Arc::new(Self {
            settings,
            version,
            onnx,
            file,
            now: RwLock::default(),
            changed: Notify::new(),
            history: RwLock::default(),
        });
        let process_now = supervisor.connect(started);
        tokio::spawn(supervisor.clone().supervise(process_now, stop));
        supervisor
    }

    /// The process at work, unless one is being started.
    pub fn now(&self) -> Option<Arc<Connection>> {
        self.now.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The process at work; waits for one that is being started, for this long at most.
    pub async fn soon(&self, wait: Duration) -> Option<Arc<Connection>> {
        let waiting = async {
            loop {
                // Asked for before looking, so that no change between the two is missed.
                let changed = self.changed.notified();
                let (now, health) = (self.now(), self.health());
                if now.is_some() || health.down.is_some_and(|down| !down.starting) {
                    return now;
                }
                changed.await;
            }
        };
        timeout(wait, waiting).await.unwrap_or(None)
    }

    /// How the model is.
    pub fn health(&self) -> ModelHealth {
        self.history.read().unwrap_or_else(PoisonError::into_inner).health(Instant::now())
    }

    /// Bytes of memory that its process has; 0 without one.
    pub fn memory(&self) -> u64 {
        self.now().and_then(|connection| connection.pid).map_or(0, memory_use)
    }

    fn note(&self, change: impl FnOnce(&mut ProcessHistory)) {
        change(&mut self.history.write().unwrap_or_else(PoisonError::into_inner));
        self.changed.notify_waiters();
    }

    fn put(&self, connection: Option<Arc<Connection>>) {
        *self.now.write().unwrap_or_else(PoisonError::into_inner) = connection;
    }

    /// Puts a process to work.
    fn connect(&self, started: ModelProcess) -> RunningProcess {
        let ModelProcess { process, control, sessions, stderr, .. } = started;
        let (commands, receiver) = mpsc::unbounded_channel();
        let queues: Vec<_> = sessions.iter().map(|_| Arc::<Queue>::default()).collect();
        let mut sockets = JoinSet::new();
        for (socket, queue) in sessions.into_iter().zip(&queues) {
            let (read, write) = UnixStream::into_split(socket);
            sockets.spawn(receive(read, queue.clone(), MOST_ANSWER));
            sockets.spawn(send(write, queue.clone()));
        }
        let connection = Arc::new(Connection { queues, pid: process.id(), commands });
        self.put(Some(connection.clone()));
        RunningProcess { process, control, stderr, connection, receiver, sockets, watches: JoinSet::new() }
    }

    async fn supervise(self: Arc<Self>, mut process_now: RunningProcess, mut stop: oneshot::Receiver<()>) {
        let version = &self.version;
        let (mut pace, mut took) = (RestartPace::default(), Duration::ZERO);
        loop {
            let born = Instant::now();
            let gone = || {
                self.put(None);
                self.note(ProcessHistory::gone);
            };
            let Some(reason) = process_now.until_end(&mut stop, gone).await else { return };
            tracing::error!(version, reason, "the model's process ended and is started again");
            self.note(|history| history.ended(&reason, Instant::now()));
            if process_now.was_asked() || born.elapsed() > STEADY_TIME {
                pace.worked(took)
            } else {
                pace.failed()
            }
            let mut pause = pace.pause(Instant::now());
            let started = loop {
                tokio::select! {
                    _ = &mut stop => return,
                    () = sleep(pause) => {}
                }
                let begun = Instant::now();
                let start = start::start(&self.settings, version, &self.onnx, &self.file);
                let result = tokio::select! {
                    _ = &mut stop => return,
                    result = start => result,
                };
                match result {
                    Ok(started) => {
                        took = begun.elapsed();
                        break started;
                    }
                    Err(error) => {
                        tracing::error!(version, %error, "the model's process does not start again");
                        pace.failed();
                        pause = pace.pause(Instant::now());
                        self.note(|history| history.not_started(&error.to_string(), pause));
                    }
                }
            };
            process_now = self.connect(started);
            self.note(ProcessHistory::started_again);
        }
    }
}

/// A process with all that belongs to it.
struct RunningProcess {
    process: tokio::process::Child,
    control: UnixStream,
    stderr: Arc<StderrTail>,
    connection: Arc<Connection>,
    receiver: mpsc::UnboundedReceiver<Command>,
    /// Reading and writing of each session; none of them ends before the process does.
    sockets: JoinSet<()>,
    /// For each request that was called off.
    watches: JoinSet<()>,
}

impl RunningProcess {
    /// Whether anybody asked this process for anything.
    fn was_asked(&self) -> bool {
        self.connection.queues.iter().any(|queue| queue.was_used())
    }

    /// Carries out requests until the process ends, and says why it ended; `None` if the node asked for the end. Calls `gone` before
    /// it waits for the last words of the process.
    async fn until_end(&mut self, stop: &mut oneshot::Receiver<()>, gone: impl FnOnce()) -> Option<String> {
        let mut killed = None;
        loop {
            tokio::select! {
                biased;
                _ = &mut *stop => break,
                status = self.process.wait() => {
                    gone();
                    self.connection.queues.iter().for_each(|queue| queue.close());
                    let status = status.map_or_else(|error| error.to_string(), |status| status.to_string());
                    let stderr = self.stderr.quoted().await;
                    return Some(killed.map_or_else(|| format!("{status}{stderr}"), |reason| format!("killed: {reason}{stderr}")));
                }
                Some(command) = self.receiver.recv() => match command {
                    Command::Cancel { session, id } => killed = self.cancel(session, id).await.or(killed),
                    Command::Kill(reason) => killed = killed.or_else(|| self.kill(reason)),
                },
                // It is about to end, or one session of it came to grief: its status and its standard error will say why.
                Some(_) = self.sockets.join_next() => drop(self.kill("")),
                Some(_) = self.watches.join_next() => {}
            }
        }
        // It ends by itself when its channel is closed, and is killed otherwise when this is dropped.
        let _ = self.control.shutdown().await;
        let _ = timeout(CANCEL_TIME, self.process.wait()).await;
        None
    }

    async fn cancel(&mut self, session: usize, id: u64) -> Option<&'static str> {
        let queue = self.connection.queues.get(session)?.clone();
        let first = queue.is_first(id)?;
        let message = cancel::message(session, id);
        if !matches!(timeout(CANCEL_TIME, self.control.write_all(&message)).await, Ok(Ok(()))) {
            return self.kill("it does not listen");
        }
        self.watches.spawn(watch(queue, id, first, self.connection.commands.clone()));
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
        sleep(CANCEL_TIME).await;
        match queue.is_first(id) {
            None => return,
            Some(true) if first => {
                let _ = commands.send(Command::Kill("it did not stop a request whose time was over"));
                return;
            }
            Some(now_first) => first = now_first,
        }
    }
}
