//! The query log: a line of JSON for each prediction, or for a sample. Requests put lines into a
//! bounded queue, and one thread writes them. A line that does not fit is dropped and counted: no request waits for a disk.

use super::metrics::{head, line};
use crate::{
    table::{Arm, Service},
    tensor::Tensor,
};
use file::RotatingFile;
use std::{
    io,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
        mpsc::{Receiver, Sender, SyncSender, channel, sync_channel},
    },
    time::Duration,
};

mod file;
mod line;

/// Lines that may wait to be written, ...
const MOST_LINES: usize = 4096;
/// ... and bytes of their inputs together.
const MOST_BYTES: usize = 64 << 20;
/// Bytes of inputs that one line may hold in binary form; a larger request is written without them.
const MOST_INPUT_BYTES: usize = 1 << 20;

/// How long lines gather before they are written: a thread that sleeps for them need not be woken by each request.
const GATHERING: Duration = Duration::from_millis(10);
/// How long the end of the log may take: a disk that hangs must not keep a node from stopping.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// What to write down, and where.
#[derive(Clone, Debug)]
pub struct QueryLogOptions {
    /// The file; earlier ones have `.1`, `.2` and so on after its name.
    pub file: PathBuf,
    /// Which requests.
    pub sample: Sample,
    /// Whether with their inputs.
    pub inputs: bool,
    /// Bytes after which a new file begins.
    pub file_bytes: u64,
    /// How many earlier files are kept.
    pub kept: usize,
}

impl QueryLogOptions {
    /// All requests without their inputs into this file: 64 MiB each, five kept.
    pub fn new(file: impl Into<PathBuf>) -> Self {
        Self { file: file.into(), sample: Sample::All, inputs: false, file_bytes: 64 << 20, kept: 5 }
    }
}

/// Which requests are written down.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sample {
    /// Each.
    All,
    /// This part of them, from 0 to 1.
    Fraction(f64),
}

/// A running query log. Dropping it writes what still waits, for five seconds at most.
pub struct QueryLog {
    options: QueryLogOptions,
    queue: Option<SyncSender<Entry>>,
    /// Ends with the thread that writes.
    writer: Mutex<Receiver<()>>,
    figures: Arc<Figures>,
    asked: AtomicU64,
}

#[derive(Default)]
struct Figures {
    written: AtomicU64,
    dropped: AtomicU64,
    failed: AtomicU64,
    waiting_bytes: AtomicUsize,
}

/// A request that will be written down.
pub(crate) struct Query {
    with_inputs: bool,
    inputs: Option<Vec<Tensor>>,
    omitted: bool,
}

impl Query {
    /// Keeps the inputs, if they are wanted and small enough.
    pub(crate) fn keep(&mut self, inputs: &[Tensor]) {
        if !self.with_inputs {
            return;
        }
        self.omitted = bytes_of(inputs) > MOST_INPUT_BYTES;
        // Copied: a reference into the body would keep all of it for as long as the line waits.
        let copied = |tensor: &Tensor| Tensor { data: bytes::Bytes::copy_from_slice(&tensor.data), ..tensor.clone() };
        self.inputs = (!self.omitted).then(|| inputs.iter().map(copied).collect());
    }
}

/// A line, before it is text.
struct Entry {
    time: i64,
    service: String,
    version: String,
    digest: String,
    status: u16,
    latency: Duration,
    query: Query,
}

impl QueryLog {
    /// Opens the file, or makes it, and starts the thread that writes.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn start(options: QueryLogOptions) -> io::Result<Self> {
        let file = RotatingFile::open(&options)?;
        let (queue, waiting) = sync_channel(MOST_LINES);
        let figures = Arc::new(Figures::default());
        let (alive, writer) = channel();
        let counted = figures.clone();
        let work = move || write_all(file, &waiting, &counted, &alive);
        std::thread::Builder::new().name("query-log".to_owned()).spawn(work)?;
        Ok(Self { options, queue: Some(queue), writer: Mutex::new(writer), figures, asked: AtomicU64::new(0) })
    }

    /// Whether the next request is to be written down.
    pub(crate) fn begin(&self) -> Option<Query> {
        let chosen = match self.options.sample {
            Sample::All => true,
            Sample::Fraction(part) => {
                // The upper 32 bits of a draw, as a part of all that they could be.
                let draw = super::pick::draw(self.asked.fetch_add(1, Relaxed)) >> 32;
                f64::from(u32::try_from(draw).unwrap_or(u32::MAX)) < part * f64::from(u32::MAX)
            }
        };
        chosen.then_some(Query { with_inputs: self.options.inputs, inputs: None, omitted: false })
    }

    /// Queues a line; one that does not fit is dropped and counted.
    pub(crate) fn write(&self, query: Query, time: i64, service: &Service, arm: &Arm, status: u16, latency: Duration) {
        let bytes = query.inputs.as_deref().map_or(0, bytes_of);
        let entry = Entry {
            time,
            service: service.name.clone(),
            version: arm.version.clone(),
            digest: arm.digest.clone(),
            status,
            latency,
            query,
        };
        let fits = self.figures.waiting_bytes.fetch_add(bytes, Relaxed) + bytes <= MOST_BYTES;
        let queued = fits && self.queue.as_ref().is_some_and(|queue| queue.try_send(entry).is_ok());
        if !queued {
            self.figures.waiting_bytes.fetch_sub(bytes, Relaxed);
            self.figures.dropped.fetch_add(1, Relaxed);
        }
    }

    /// Appends its figures, as Prometheus reads them.
    pub(crate) fn render(&self, out: &mut String) {
        for (name, help, value) in [
            ("countersign_node_query_log_lines_total", "Lines written to the query log.", &self.figures.written),
            ("countersign_node_query_log_dropped_total", "Lines dropped because too many waited.", &self.figures.dropped),
            ("countersign_node_query_log_failed_total", "Lines that could not be written.", &self.figures.failed),
        ] {
            head(out, name, "counter", help);
            line(out, name, "", value.load(Relaxed));
        }
    }
}

impl Drop for QueryLog {
    fn drop(&mut self) {
        drop(self.queue.take());
        // Nothing is ever sent: it is an error when the thread has ended, or when the time is over.
        let _ = self.writer.get_mut().unwrap_or_else(PoisonError::into_inner).recv_timeout(LAST_WORDS);
    }
}

fn bytes_of(tensors: &[Tensor]) -> usize {
    tensors.iter().map(|tensor| tensor.data.len()).sum()
}

/// Writes until the log is dropped; flushes whenever nothing more waits.
fn write_all(mut file: RotatingFile, waiting: &Receiver<Entry>, figures: &Figures, _alive: &Sender<()>) {
    let mut broken = false;
    while let Ok(first) = waiting.recv() {
        std::thread::sleep(GATHERING);
        let (mut next, mut lines) = (Some(first), 0);
        let mut result = Ok(());
        while let Some(entry) = next {
            let bytes = entry.query.inputs.as_deref().map_or(0, bytes_of);
            lines += 1;
            result = result.and_then(|()| file.write(&line::of(&entry)));
            figures.waiting_bytes.fetch_sub(bytes, Relaxed);
            // In portions, so that a busy node's lines reach the disk too.
            next = if lines < MOST_LINES as u64 { waiting.try_recv().ok() } else { None };
        }
        match result.and_then(|()| file.flush()) {
            Ok(()) => {
                if std::mem::take(&mut broken) {
                    tracing::info!("the query log is written again");
                }
                figures.written.fetch_add(lines, Relaxed);
            }
            Err(error) => {
                figures.failed.fetch_add(lines, Relaxed);
                if !std::mem::replace(&mut broken, true) {
                    tracing::error!(%error, file = %file.path().display(), "the query log cannot be written; requests go on without it");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
