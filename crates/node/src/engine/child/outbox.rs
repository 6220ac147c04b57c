//! Answers that wait to be sent. A session holds answers back while it has further requests, because one message for many is
//! cheaper. If the next run takes long, a thread that watches all sessions sends the answers.

use std::{
    io::{self, Write},
    os::unix::net::UnixStream,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    thread::{self, Thread},
    time::{Duration, Instant},
};

/// Bytes of answers that are sent without waiting for more.
const SEND_BYTES: usize = 64 << 10;
/// How long a session holds answers back, if it gets to look.
const HOLD_TIME: Duration = Duration::from_micros(200);
/// How often the thread looks.
const FLUSH_EVERY: Duration = Duration::from_millis(1);

/// The answers of one session.
pub struct Outbox {
    socket: UnixStream,
    pending: Mutex<Pending>,
    flusher: Arc<Flusher>,
}

struct Pending {
    bytes: Vec<u8>,
    since: Instant,
}

/// The thread that sends answers that were held back for too long.
#[derive(Default)]
struct Flusher {
    thread: Mutex<Option<Thread>>,
    asleep: AtomicBool,
}

impl Outbox {
    /// One for each socket, and the thread that looks after them.
    ///
    /// # Errors
    /// The system's.
    pub fn for_all(sockets: &[UnixStream]) -> io::Result<Vec<Arc<Self>>> {
        let flusher = Arc::<Flusher>::default();
        let of = |socket: &UnixStream| {
            let pending = Mutex::new(Pending { bytes: Vec::new(), since: Instant::now() });
            Ok(Arc::new(Self { socket: socket.try_clone()?, pending, flusher: flusher.clone() }))
        };
        let outboxes = sockets.iter().map(of).collect::<io::Result<Vec<_>>>()?;
        let (all, running) = (outboxes.clone(), flusher.clone());
        let handle = thread::Builder::new().name("outboxes".to_owned()).spawn(move || running.flush_all(&all))?;
        *flusher.thread.lock().unwrap_or_else(PoisonError::into_inner) = Some(handle.thread().clone());
        Ok(outboxes)
    }

    /// Takes an answer that others will follow. Sends the held answers if they are many or old.
    ///
    /// # Errors
    /// When the other side has closed.
    pub fn hold(&self, answer: &[u8]) -> io::Result<()> {
        let mut pending = self.pending();
        if pending.bytes.is_empty() {
            pending.since = Instant::now();
        }
        pending.bytes.extend_from_slice(answer);
        if pending.bytes.len() > SEND_BYTES || pending.since.elapsed() > HOLD_TIME {
            return self.send_pending(&mut pending);
        }
        drop(pending);
        self.flusher.wake();
        Ok(())
    }

    /// Sends an answer and the held answers before it.
    ///
    /// # Errors
    /// When the other side has closed.
    pub fn send(&self, answer: &[u8]) -> io::Result<()> {
        let mut pending = self.pending();
        if pending.bytes.is_empty() {
            return (&self.socket).write_all(answer);
        }
        pending.bytes.extend_from_slice(answer);
        self.send_pending(&mut pending)
    }

    fn send_pending(&self, pending: &mut Pending) -> io::Result<()> {
        (&self.socket).write_all(&pending.bytes)?;
        pending.bytes.clear();
        pending.bytes.shrink_to(2 * SEND_BYTES);
        Ok(())
    }

    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Flusher {
    fn flush_all(&self, outboxes: &[Arc<Outbox>]) {
        loop {
            // Said before looking: who holds something back afterwards wakes this thread.
            self.asleep.store(true, SeqCst);
            let mut nothing = true;
            for outbox in outboxes {
                let mut pending = outbox.pending();
                if !pending.bytes.is_empty() && pending.since.elapsed() >= FLUSH_EVERY {
                    // The session finds out by itself that the other side has closed.
                    let _ = outbox.send_pending(&mut pending);
                }
                nothing &= pending.bytes.is_empty();
            }
            if nothing {
                thread::park();
            } else {
                self.asleep.store(false, SeqCst);
            }
            thread::sleep(FLUSH_EVERY);
        }
    }

    fn wake(&self) {
        if !self.asleep.load(SeqCst) || !self.asleep.swap(false, SeqCst) {
            return;
        }
        if let Some(thread) = &*self.thread.lock().unwrap_or_else(PoisonError::into_inner) {
            thread.unpark();
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that panics says where and why")]

    use super::*;
    use std::io::Read;

    #[test]
    fn what_is_held_is_sent_when_nothing_follows() {
        let pairs: Vec<_> = (0..2).map(|_| UnixStream::pair().unwrap()).collect();
        let (theirs, ours): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
        let outboxes = Outbox::for_all(&ours).unwrap();
        for round in 0..20_u8 {
            for (outbox, mut socket) in outboxes.iter().zip(&theirs) {
                outbox.hold(&[round]).unwrap();
                let mut got = [0];
                socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
                socket.read_exact(&mut got).unwrap();
                assert_eq!(got, [round]);
            }
        }
    }

    #[test]
    fn answers_keep_their_order() {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        let outbox = Outbox::for_all(&[ours]).unwrap().remove(0);
        for number in 0..250 {
            if number % 7 == 0 { outbox.send(&[number]) } else { outbox.hold(&[number]) }.unwrap();
        }
        outbox.send(&[250]).unwrap();
        let mut got = [0; 251];
        theirs.read_exact(&mut got).unwrap();
        assert!(got.iter().copied().eq(0..=250), "{got:?}");
    }
}
