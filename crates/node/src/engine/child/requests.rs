//! The requests that come over a socket. They pass through one small buffer, from which the content of an input goes straight to where
//! the library has it: a large request takes no memory twice.

use crate::engine::messages::frames::{self, MalformedFrame, REQUEST_PREFIX, RequestHead};
use std::{
    io::{self, ErrorKind, Read},
    os::unix::net::UnixStream,
    time::Duration,
};

/// Bytes that are read at once, which stay in the processor's cache. Only a longer head takes more.
const BUFFER: usize = 64 << 10;

/// The requests of one socket, the front one of which is being read.
pub struct Requests {
    socket: UnixStream,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// Bytes of contents that belong to the present request and nobody has taken.
    contents: usize,
}

impl Requests {
    /// Those of a socket.
    pub fn new(socket: UnixStream) -> Self {
        Self { socket, buffer: vec![0; BUFFER], start: 0, end: 0, contents: 0 }
    }

    /// Waits for the beginning of a request, this long at most. `false` when the other side has closed.
    ///
    /// # Errors
    /// The socket's; `WouldBlock` or `TimedOut` when the time is over.
    pub fn wait(&mut self, most: Option<Duration>) -> io::Result<bool> {
        if self.start < self.end {
            return Ok(true);
        }
        if most.is_some() {
            self.socket.set_read_timeout(most)?;
        }
        let read = self.read();
        if most.is_some() {
            self.socket.set_read_timeout(None)?;
        }
        read.map(|read| read > 0)
    }

    /// The next request, whose contents are to be taken then.
    ///
    /// # Errors
    /// The socket's, or a request that makes no sense.
    pub fn next(&mut self) -> io::Result<RequestHead> {
        let (head, contents) = frames::take_request_prefix(self.ahead(REQUEST_PREFIX)?).map_err(io::Error::other)?;
        self.start += REQUEST_PREFIX;
        let request = frames::take_request(&self.ahead(head)?[..head], contents).map_err(io::Error::other)?;
        self.start += head;
        self.contents = contents;
        Ok(request)
    }

    /// The next bytes of the present request's contents: a multiple of `element`, `most` at the most, and at least one element.
    ///
    /// # Errors
    /// The socket's, or a request that has no more.
    pub fn piece(&mut self, element: usize, most: usize) -> io::Result<&[u8]> {
        let most = most.min(self.contents);
        if most < element {
            return Err(io::Error::other(MalformedFrame));
        }
        let there = self.ahead(element)?.len().min(most);
        let taken = there - there % element;
        self.start += taken;
        self.contents -= taken;
        Ok(&self.buffer[self.start - taken..self.start])
    }

    /// Passes over the contents that nobody took.
    ///
    /// # Errors
    /// The socket's.
    pub fn skip(&mut self) -> io::Result<()> {
        while self.contents > 0 {
            self.piece(1, usize::MAX)?;
        }
        Ok(())
    }

    /// Whether the next request is there as a whole.
    pub fn has_next(&self) -> bool {
        let there = &self.buffer[self.start..self.end];
        frames::take_request_prefix(there).is_ok_and(|(head, contents)| head + contents <= there.len() - REQUEST_PREFIX)
    }

    /// Bytes of memory.
    pub fn capacity(&self) -> usize {
        self.buffer.capacity()
    }

    /// Gives back what a long head took, while there is nothing to read.
    pub fn rest(&mut self) {
        self.buffer.truncate(BUFFER.max(self.end));
        self.buffer.shrink_to_fit();
    }

    /// What was read and not taken: at least so many bytes, for which this waits.
    fn ahead(&mut self, least: usize) -> io::Result<&[u8]> {
        while self.end - self.start < least {
            if self.start + least > self.buffer.len() {
                self.buffer.copy_within(self.start..self.end, 0);
                self.end -= self.start;
                self.start = 0;
                if least > self.buffer.len() {
                    self.buffer.resize(least, 0);
                }
            }
            if self.read()? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(&self.buffer[self.start..self.end])
    }

    fn read(&mut self) -> io::Result<usize> {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        }
        let read = self.socket.read(&mut self.buffer[self.end..])?;
        self.end += read;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that panics says where and why")]

    use super::*;
    use crate::engine::messages::frames::InputHead;
    use std::{io::Write, thread};

    /// A request with one input of these bytes.
    fn request(id: u64, content: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        frames::put_request(&mut bytes, id, &[0], [(&[content.len() as i64][..], content.len())].into_iter());
        bytes.extend_from_slice(content);
        bytes
    }

    /// Requests that come in pieces of such a size.
    fn coming(bytes: Vec<u8>, piece: usize) -> Requests {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        thread::spawn(move || bytes.chunks(piece).for_each(|piece| theirs.write_all(piece).unwrap()));
        Requests::new(ours)
    }

    #[test]
    fn contents_come_in_order_however_the_bytes_come() {
        let content: Vec<u8> = (0..200_000_u32).flat_map(|number| number.to_le_bytes()).collect();
        for piece in [1021, 1 << 20] {
            let mut requests = coming([request(1, b"ab"), request(2, &content), request(3, b"")].concat(), piece);
            assert!(requests.wait(None).unwrap());
            let head = requests.next().unwrap();
            assert_eq!((head.id, &head.inputs[..]), (1, &[InputHead { shape: vec![2], length: 2 }][..]));
            assert_eq!(requests.piece(1, 1).unwrap(), b"a");
            assert_eq!(requests.piece(1, 9).unwrap(), b"b");
            assert!(requests.piece(1, 1).is_err(), "what follows belongs to the next request");
            let mut found = Vec::new();
            assert_eq!(requests.next().unwrap().id, 2);
            while found.len() < content.len() {
                let piece = requests.piece(4, content.len() - found.len()).unwrap();
                assert!(piece.len().is_multiple_of(4) && !piece.is_empty());
                found.extend_from_slice(piece);
            }
            assert_eq!(found, content);
            assert_eq!(requests.next().unwrap().id, 3);
            assert!(!requests.wait(None).unwrap(), "the other side has closed");
            assert_eq!(requests.capacity(), BUFFER);
        }
    }

    #[test]
    fn what_nobody_takes_is_passed_over() {
        let mut requests = coming([request(1, &[7; 300_000]), request(2, b"x"), request(3, b"")].concat(), 1 << 20);
        assert_eq!(requests.next().unwrap().id, 1);
        requests.piece(4, 8).unwrap();
        requests.skip().unwrap();
        assert_eq!(requests.next().unwrap().id, 2);
        requests.skip().unwrap();
        assert_eq!(requests.next().unwrap().id, 3);
        assert!(!requests.has_next());
    }

    #[test]
    fn a_request_that_breaks_off_is_told_from_an_end() {
        let whole = request(1, b"abcd");
        let mut requests = coming(whole[..whole.len() - 1].to_vec(), 7);
        requests.next().unwrap();
        assert_eq!(requests.skip().unwrap_err().kind(), ErrorKind::UnexpectedEof);
    }
}
