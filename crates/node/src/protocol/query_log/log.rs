//! The query log: a line of JSON for each prediction, or for a sample. Requests put lines into a
//! bounded queue, and one thread writes them. A line that does not fit is dropped and counted: no request waits for a disk.

use super::{
    entry::{Entry, QueryRecord, bytes_of},
    file::RotatingFile,
    line,
    options::{QueryLogOptions, Sample},
};
use crate::{
    protocol::{
        metrics::{self, head},
        pick,
    },
    services::{Arm, Service},
};
use std::{
    io,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
        mpsc::{Receiver, Sender, SyncSender, channel, sync_channel},
    },
    time::Duration,
};

/// Lines that may wait to be written, ...
const MOST_LINES: usize = 4096;
/// ... and bytes of their inputs together.
const MOST_BYTES: usize = 64 << 20;
/// How long lines gather before they are written: a thread that sleeps for them need not be woken by each request.
const GATHERING: Duration = Duration::from_millis(10);
/// How long the end of the log may take: a disk that hangs must not keep a node from stopping.
const STOPPING_TIME: Duration = Duration::from_secs(5);

/// A running query log. Dropping it writes what still waits, for five seconds at most.
pub struct QueryLog {
    options: QueryLogOptions,
    queue: Option<SyncSender<Entry>>,
    /// Ends with the thread that writes.
    writer: Mutex<Receiver<()>>,
    counters: Arc<Counters>,
    asked: AtomicU64,
}

#[derive(Default)]
struct Counters {
    written: AtomicU64,
    dropped: AtomicU64,
    failed: AtomicU64,
    waiting_bytes: AtomicUsize,
}

impl QueryLog {
    /// Opens the file, or makes it, and starts the thread that writes.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn start(options: QueryLogOptions) -> io::Result<Self> {
        let file = RotatingFile::open(&options)?;
        let (queue, waiting) = sync_channel(MOST_LINES);
        let counters = Arc::new(Counters::default());
        let (alive, writer) = channel();
        let counted = counters.clone();
        let work = move || write_all(file, &waiting, &counted, &alive);
        std::thread::Builder::new().name("query-log".to_owned()).spawn(work)?;
        Ok(Self { options, queue: Some(queue), writer: Mutex::new(writer), counters, asked: AtomicU64::new(0) })
    }

    /// Whether the next request is to be written down.
    pub(crate) fn begin(&self) -> Option<QueryRecord> {
        let chosen = match self.options.sample {
            Sample::All => true,
            Sample::Fraction(part) => {
                // The upper 32 bits of a draw, as a part of all that they could be.
                let draw = pick::draw(self.asked.fetch_add(1, Relaxed)) >> 32;
                f64::from(u32::try_from(draw).unwrap_or(u32::MAX)) < part * f64::from(u32::MAX)
            }
        };
        chosen.then_some(QueryRecord { with_inputs: self.options.inputs, inputs: None, omitted: false })
    }

    /// Queues a line. A line that does not fit is dropped and counted.
    pub(crate) fn write(&self, query: QueryRecord, time: i64, service: &Service, arm: &Arm, status: u16, latency: Duration) {
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
        let fits = self.counters.waiting_bytes.fetch_add(bytes, Relaxed) + bytes <= MOST_BYTES;
        let queued = fits && self.queue.as_ref().is_some_and(|queue| queue.try_send(entry).is_ok());
        if !queued {
            self.counters.waiting_bytes.fetch_sub(bytes, Relaxed);
            self.counters.dropped.fetch_add(1, Relaxed);
        }
    }

    /// Appends its counters, as Prometheus reads them.
    pub(crate) fn render(&self, out: &mut String) {
        for (name, help, value) in [
            ("countersign_node_query_log_lines_total", "Lines written to the query log.", &self.counters.written),
            ("countersign_node_query_log_dropped_total", "Lines dropped because too many waited.", &self.counters.dropped),
            ("countersign_node_query_log_failed_total", "Lines that could not be written.", &self.counters.failed),
        ] {
            head(out, name, "counter", help);
            metrics::line(out, name, "", value.load(Relaxed));
        }
    }
}

impl Drop for QueryLog {
    fn drop(&mut self) {
        drop(self.queue.take());
        // Nothing is ever sent: it is an error when the thread has ended, or when the time is over.
        let _ = self.writer.get_mut().unwrap_or_else(PoisonError::into_inner).recv_timeout(STOPPING_TIME);
    }
}

/// Writes until the log is dropped; flushes whenever nothing more waits.
fn write_all(mut file: RotatingFile, waiting: &Receiver<Entry>, counters: &Counters, _alive: &Sender<()>) {
    let mut broken = false;
    while let Ok(first) = waiting.recv() {
        std::thread::sleep(GATHERING);
        let (mut next, mut lines) = (Some(first), 0);
        let mut result = Ok(());
        while let Some(entry) = next {
            let bytes = entry.query.inputs.as_deref().map_or(0, bytes_of);
            lines += 1;
            result = result.and_then(|()| file.write(&line::render(&entry)));
            counters.waiting_bytes.fetch_sub(bytes, Relaxed);
            // In portions, so that a busy node's lines reach the disk too.
            next = if lines < MOST_LINES as u64 { waiting.try_recv().ok() } else { None };
        }
        match result.and_then(|()| file.flush()) {
            Ok(()) => {
                if std::mem::take(&mut broken) {
                    tracing::info!("the query log is written again");
                }
                counters.written.fetch_add(lines, Relaxed);
            }
            Err(error) => {
                counters.failed.fetch_add(lines, Relaxed);
                if !std::mem::replace(&mut broken, true) {
                    tracing::error!(%error, file = %file.path().display(), "the query log cannot be written; requests go on without it");
                }
            }
        }
    }
}
