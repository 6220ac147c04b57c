//! Bytes on their way to a model's process. Small ones are gathered in one buffer, so that one message carries many requests; large
//! ones are sent from where they are.

use bytes::Bytes;
use std::{io, mem::take};
use tokio::io::{AsyncWrite, AsyncWriteExt};

/// From how many bytes on a content is not copied.
const LARGE: usize = 64 << 10;

/// What is to be sent.
#[derive(Debug, Default)]
pub struct Outgoing {
    buffer: Vec<u8>,
    /// What is not in the buffer, and in front of which of its bytes it belongs.
    large: Vec<(usize, Bytes)>,
    large_bytes: usize,
}

impl Outgoing {
    /// What is small; more is added at its end.
    pub fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.buffer
    }

    /// Adds a content behind what is there.
    pub fn put(&mut self, content: &Bytes) {
        if content.len() < LARGE {
            return self.buffer.extend_from_slice(content);
        }
        self.large.push((self.buffer.len(), content.clone()));
        self.large_bytes += content.len();
    }

    /// How many bytes there are.
    pub fn len(&self) -> usize {
        self.buffer.len() + self.large_bytes
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes of the buffer's memory.
    pub fn capacity(&self) -> usize {
        self.buffer.capacity()
    }

    /// Sends everything; only the buffer's memory is left. Each large content is let go of when it was sent.
    ///
    /// # Errors
    /// The socket's.
    pub async fn send(&mut self, socket: &mut (impl AsyncWrite + Unpin)) -> io::Result<()> {
        let mut sent = 0;
        self.large_bytes = 0;
        for (place, content) in take(&mut self.large) {
            socket.write_all(&self.buffer[sent..place]).await?;
            socket.write_all(&content).await?;
            sent = place;
        }
        socket.write_all(&self.buffer[sent..]).await?;
        self.buffer.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that panics says where and why")]

    use super::*;

    #[tokio::test]
    async fn everything_is_sent_in_its_order() {
        let mut outgoing = Outgoing::default();
        let large = |byte| Bytes::from(vec![byte; LARGE]);
        outgoing.buffer().push(1);
        outgoing.put(&large(2));
        outgoing.put(&large(3));
        outgoing.put(&Bytes::from_static(&[4]));
        outgoing.buffer().push(5);
        let expected = [&[1][..], &large(2), &large(3), &[4, 5]].concat();
        assert_eq!((outgoing.len(), outgoing.buffer().len()), (expected.len(), 3));
        let mut sent = Vec::new();
        outgoing.send(&mut sent).await.unwrap();
        assert_eq!(sent, expected);
        assert!(outgoing.is_empty());
    }
}
