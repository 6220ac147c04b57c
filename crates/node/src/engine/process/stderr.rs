//! The end of what a model's process writes to standard error: for the log, and for the reason when the process ends. The node
//! keeps little of it, however much the process writes.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{io::AsyncReadExt, process::ChildStderr, sync::watch, time::timeout};

/// Bytes that are kept, the latest.
const TAIL_BYTES: usize = 2048;
/// Lines that are logged; who says more has said it by then.
const LOGGED_LINES: usize = 100;

/// For the last words of a process to come in.
const LAST_BYTES_TIME: Duration = Duration::from_secs(1);

/// The latest of what a process said.
#[derive(Debug)]
pub struct StderrTail {
    text: Mutex<VecDeque<u8>>,
    over: watch::Receiver<bool>,
}

impl StderrTail {
    /// Listens until the process ends. `version` is for the log.
    pub fn collect(from: Option<ChildStderr>, version: &str) -> Arc<Self> {
        let (done, over) = watch::channel(false);
        let words = Arc::new(Self { text: Mutex::default(), over });
        let (its_words, version) = (words.clone(), version.to_owned());
        tokio::spawn(async move {
            if let Some(from) = from {
                its_words.listen(from, &version).await;
            }
            let _ = done.send(true);
        });
        words
    }

    async fn listen(&self, mut from: ChildStderr, version: &str) {
        let mut piece = [0; 1024];
        let mut lines = 0;
        while let Ok(read @ 1..) = from.read(&mut piece).await {
            let said = &piece[..read];
            for line in String::from_utf8_lossy(said).lines().filter(|line| !line.trim().is_empty()) {
                lines += 1;
                if lines <= LOGGED_LINES {
                    tracing::warn!(version, line, "the model's process says");
                }
            }
            let mut text = self.text.lock().unwrap_or_else(PoisonError::into_inner);
            text.extend(said);
            let over = text.len().saturating_sub(TAIL_BYTES);
            text.drain(..over);
        }
    }

    /// Everything that was kept, once the process has ended, as the end of a sentence; empty if it said nothing.
    pub async fn quoted(&self) -> String {
        let _ = timeout(LAST_BYTES_TIME, self.over.clone().wait_for(|over| *over)).await;
        let text: Vec<u8> = self.text.lock().unwrap_or_else(PoisonError::into_inner).iter().copied().collect();
        match String::from_utf8_lossy(&text).trim() {
            "" => String::new(),
            words => format!("; it said: {words}"),
        }
    }
}
