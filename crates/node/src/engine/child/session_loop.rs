//! Answers the requests of one socket, in order. The process sends answers together while further requests wait, but holds no
//! answer back for long.

use super::{outbox::Outbox, requests::Requests, run_error::RunError, session::Session};
use crate::engine::messages::frames::{self, Outcome, RequestHead};
use std::{
    io::{self, ErrorKind},
    os::unix::net::UnixStream,
    sync::Arc,
    time::Duration,
};

/// A buffer that grew beyond this is given back when no request comes for a while.
const KEEP: usize = 1 << 20;
/// How long that is. Requests that follow each other use the same memory again.
const REST_AFTER: Duration = Duration::from_secs(2);

/// Serves until the node closes the socket.
///
/// # Errors
/// What broke the session off.
pub fn serve(session: Session, socket: UnixStream, outbox: Arc<Outbox>) -> io::Result<()> {
    match (SessionLoop { session, requests: Requests::new(socket), outbox, answer: Vec::new() }).run() {
        // The node went in the middle of a request.
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(()),
        result => result,
    }
}

struct SessionLoop {
    session: Session,
    requests: Requests,
    outbox: Arc<Outbox>,
    answer: Vec<u8>,
}

impl SessionLoop {
    fn run(&mut self) -> io::Result<()> {
        while self.wait()? {
            let request = self.requests.next()?;
            self.answer.clear();
            answer(&mut self.session, &request, &mut self.requests, &mut self.answer)?;
            self.requests.skip()?;
            if self.requests.has_next() {
                self.outbox.hold(&self.answer)?;
            } else {
                self.outbox.send(&self.answer)?;
            }
        }
        Ok(())
    }

    /// Waits for a request, and gives memory back meanwhile. `false` when the other side has closed.
    fn wait(&mut self) -> io::Result<bool> {
        if self.is_small() {
            return self.requests.wait(None);
        }
        match self.requests.wait(Some(REST_AFTER)) {
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            waited => return waited,
        }
        self.answer = Vec::new();
        self.requests.rest();
        self.session.rest();
        self.requests.wait(None)
    }

    fn is_small(&self) -> bool {
        self.answer.capacity() <= KEEP && self.requests.capacity() <= KEEP && self.session.kept() <= KEEP
    }
}

/// Writes the answer to a request, of which it may leave contents unread.
fn answer(session: &mut Session, request: &RequestHead, contents: &mut Requests, answers: &mut Vec<u8>) -> io::Result<()> {
    let before = answers.len();
    let mut outcome = Ok(());
    frames::frame(answers, |answers| {
        frames::put_outcome(answers, request.id, Outcome::Done);
        outcome = session.run(request, contents, answers);
    });
    let Err(error) = outcome else { return Ok(()) };
    // What the run wrote until it failed is no answer.
    answers.truncate(before);
    let (outcome, reason) = match error {
        RunError::Cancelled => (Outcome::Cancelled, String::new()),
        RunError::Refused(reason) => (Outcome::Refused, reason),
        RunError::Failed(reason) => (Outcome::Failed, reason),
        RunError::Broken(error) => return Err(error),
    };
    frames::frame(answers, |answers| {
        frames::put_outcome(answers, request.id, outcome);
        answers.extend_from_slice(reason.as_bytes());
    });
    Ok(())
}
