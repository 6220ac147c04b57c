//! Answers the requests of one socket, in order. The process sends answers together while further requests wait, but holds no
//! answer back for long.

use super::{
    outbox::Outbox,
    session::{RunError, Session},
};
use crate::engine::messages::frames::{self, MalformedFrame, Outcome, PREFIX};
use bytes::Buf;
use std::{
    io::{self, ErrorKind, Read},
    os::unix::net::UnixStream,
    sync::Arc,
    time::Duration,
};

/// The most bytes of one read.
const READ: usize = 64 << 10;
/// A buffer that grew beyond this is given back when no request comes for a while.
const KEEP: usize = 1 << 20;
/// How long that is. Requests that follow each other use the same memory again.
const REST_AFTER: Duration = Duration::from_secs(2);

/// Serves until the node closes the socket.
///
/// # Errors
/// What broke the session off.
pub fn serve(session: Session, socket: UnixStream, outbox: Arc<Outbox>) -> io::Result<()> {
    SessionLoop { session, socket, outbox, requests: Requests::default(), answer: Vec::new() }.run()
}

struct SessionLoop {
    session: Session,
    socket: UnixStream,
    outbox: Arc<Outbox>,
    requests: Requests,
    answer: Vec<u8>,
}

impl SessionLoop {
    fn run(&mut self) -> io::Result<()> {
        while self.read()? {
            while let Some(request) = self.requests.next()? {
                self.answer.clear();
                answer(&mut self.session, request, &mut self.answer).map_err(io::Error::other)?;
                if self.requests.has_next() {
                    self.outbox.hold(&self.answer)?;
                } else {
                    self.outbox.send(&self.answer)?;
                }
            }
        }
        Ok(())
    }

    /// Waits for more bytes, and gives memory back meanwhile. `false` when the other side has closed.
    fn read(&mut self) -> io::Result<bool> {
        if self.is_small() {
            return self.requests.read(&mut self.socket);
        }
        self.socket.set_read_timeout(Some(REST_AFTER))?;
        let mut read = self.requests.read(&mut self.socket);
        self.socket.set_read_timeout(None)?;
        if read.as_ref().is_err_and(|error| matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)) {
            self.answer = Vec::new();
            self.requests.rest();
            self.session.rest();
            read = self.requests.read(&mut self.socket);
        }
        read
    }

    fn is_small(&self) -> bool {
        self.answer.capacity() <= KEEP && self.requests.bytes.len() <= KEEP && self.session.kept() <= KEEP
    }
}

fn answer(session: &mut Session, mut request: &[u8], answers: &mut Vec<u8>) -> Result<(), MalformedFrame> {
    let id = request.try_get_u64_le().map_err(|_| MalformedFrame)?;
    let outputs = frames::take_places(&mut request)?;
    let inputs =
        (0..frames::take_count(&mut request, 12)?).map(|_| frames::take_slice(&mut request)).collect::<Result<Vec<_>, _>>()?;
    let before = answers.len();
    let mut outcome = Ok(());
    frames::frame(answers, |answers| {
        frames::put_outcome(answers, id, Outcome::Done);
        outcome = session.run(id, &inputs, &outputs, answers);
    });
    if let Err(error) = outcome {
        // What the run wrote until it failed is no answer.
        answers.truncate(before);
        frames::frame(answers, |answers| match &error {
            RunError::Cancelled => frames::put_outcome(answers, id, Outcome::Cancelled),
            RunError::Refused(reason) => {
                frames::put_outcome(answers, id, Outcome::Refused);
                answers.extend_from_slice(reason.as_bytes());
            }
            RunError::Failed(reason) => {
                frames::put_outcome(answers, id, Outcome::Failed);
                answers.extend_from_slice(reason.as_bytes());
            }
        });
    }
    Ok(())
}

/// The bytes of requests that were read and not answered yet.
#[derive(Default)]
struct Requests {
    bytes: Vec<u8>,
    start: usize,
    end: usize,
}

impl Requests {
    /// Waits for more bytes. `false` when the other side has closed.
    fn read(&mut self, socket: &mut UnixStream) -> io::Result<bool> {
        if self.start > 0 {
            self.bytes.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        // Room for the request at the front, whose length may be known by now.
        let wanted = self.whole().map_or(0, |length| length.max(self.end)) + READ;
        if self.bytes.len() < wanted {
            self.bytes.reserve_exact(wanted - self.bytes.len());
            self.bytes.resize(wanted, 0);
        }
        let read = socket.read(&mut self.bytes[self.end..])?;
        self.end += read;
        Ok(read > 0)
    }

    /// Gives back all memory but what the bytes that are there take.
    fn rest(&mut self) {
        self.bytes.truncate(self.end);
        self.bytes.shrink_to_fit();
    }

    /// The next request, if it is there as a whole.
    fn next(&mut self) -> io::Result<Option<&[u8]>> {
        let have = self.end - self.start;
        match self.whole() {
            Some(length) if length <= have => {
                let start = self.start + PREFIX;
                self.start += length;
                Ok(Some(&self.bytes[start..self.start]))
            }
            Some(length) if length > isize::MAX as usize / 2 => Err(io::Error::other(MalformedFrame)),
            _ => Ok(None),
        }
    }

    /// Whether the next request is there as a whole.
    fn has_next(&self) -> bool {
        self.whole().is_some_and(|length| length <= self.end - self.start)
    }

    /// The length of the request at the front, prefix included, if that is known.
    fn whole(&self) -> Option<usize> {
        let prefix = self.bytes.get(self.start..self.end)?.first_chunk::<PREFIX>()?;
        Some((u64::from_le_bytes(*prefix) as usize).saturating_add(PREFIX))
    }
}
