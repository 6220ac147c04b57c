//! Writes the lines of the log to standard error from a thread of its own. Where nobody takes them (the reader is gone or does not read,
//! the disk is full) lines are lost and counted, and nothing waits for them: no request, no decision, no background job.

use std::{
    io::{self, Write},
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, Sender, SyncSender, channel, sync_channel},
    },
    thread,
    time::Duration,
};
use tracing_subscriber::fmt::MakeWriter;

/// How many lines wait at the most.
const MOST_LINES: usize = 8192;

/// How long the end of the process waits for lines that are not yet written.
const PATIENCE: Duration = Duration::from_secs(1);

/// How many lines nobody took, since the start of the process.
const LOST: &str = "countersign_log_lines_lost_total";

static QUEUE: OnceLock<SyncSender<Item>> = OnceLock::new();

enum Item {
    Line(Vec<u8>),
    /// Tells when everything before it is written.
    End(Sender<()>),
}

/// What hands each line on.
#[derive(Clone, Copy)]
pub struct Lines;

/// Starts the thread. Before, each line is lost.
///
/// # Errors
/// No thread can be started.
pub fn start() -> io::Result<()> {
    let (queue, items) = sync_channel(MOST_LINES);
    thread::Builder::new().name("log".to_owned()).spawn(move || write_lines(&items, io::stderr()))?;
    // A second start is refused by what takes the lines.
    let _ = QUEUE.set(queue);
    Ok(())
}

/// Describes the metric of lost lines. The recorder must be there already.
pub fn describe() {
    metrics::describe_counter!(LOST, "Lines of the log that nobody took.");
    metrics::counter!(LOST).absolute(0);
}

/// Waits until the lines so far are written, for a second at the most.
pub fn flush() {
    let Some(queue) = QUEUE.get() else { return };
    let (tell, told) = channel();
    if queue.try_send(Item::End(tell)).is_ok() {
        // Lines that nobody takes within this time are lost.
        let _ = told.recv_timeout(PATIENCE);
    }
}

fn write_lines(items: &Receiver<Item>, mut out: impl Write) {
    for item in items {
        match item {
            Item::Line(line) => {
                if out.write_all(&line).is_err() {
                    lose();
                }
            }
            // Nobody waits any more where this fails.
            Item::End(tell) => drop(tell.send(())),
        }
    }
}

fn lose() {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    metrics::counter!(LOST).absolute(COUNT.fetch_add(1, Ordering::Relaxed) + 1);
}

impl Write for Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let sent = QUEUE.get().map(|queue| queue.try_send(Item::Line(line.to_vec())));
        if !matches!(sent, Some(Ok(()))) {
            lose();
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Lines {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        Self
    }
}
