//! Sends the requests of a session and hands out its answers, each in its own task, so that neither waits for the other.

use super::{outgoing::Outgoing, queue::Queue, spare_answers::SpareAnswers};
use crate::engine::messages::frames::{MalformedFrame, PREFIX};
use bytes::{Buf, Bytes, BytesMut};
use std::{io, sync::Arc, time::Duration};
use tokio::{
    io::AsyncReadExt,
    net::unix::{OwnedReadHalf, OwnedWriteHalf},
    time::timeout,
};

/// Buffers that grew beyond this are given back when no request comes for a while.
const KEEP: usize = 1 << 20;
/// How long that is. Requests that follow each other use the same memory again.
const REST_AFTER: Duration = Duration::from_secs(2);
/// From how many bytes on an answer is read into memory of its own.
const LARGE: usize = 256 << 10;

/// Sends the requests of a queue.
pub async fn send(mut socket: OwnedWriteHalf, queue: Arc<Queue>) {
    let mut requests = Outgoing::default();
    loop {
        requests = if requests.capacity() <= KEEP {
            queue.take(requests).await
        } else if let Ok(taken) = timeout(REST_AFTER, queue.take(requests)).await {
            taken
        } else {
            queue.rest();
            queue.take(Outgoing::default()).await
        };
        if requests.send(&mut socket).await.is_err() {
            return;
        }
    }
}

/// Hands out the answers that come.
pub async fn receive(mut socket: OwnedReadHalf, queue: Arc<Queue>, longest: usize) {
    // Either way the process is killed when this ends, and that is logged.
    let _ = receive_all(&mut socket, &queue, longest).await;
}

async fn receive_all(socket: &mut OwnedReadHalf, queue: &Queue, longest: usize) -> io::Result<()> {
    let spare = Arc::<SpareAnswers>::default();
    let received = receive_with(socket, queue, longest, &spare).await;
    spare.close();
    received
}

async fn receive_with(socket: &mut OwnedReadHalf, queue: &Queue, longest: usize, spare: &Arc<SpareAnswers>) -> io::Result<()> {
    let mut bytes = BytesMut::with_capacity(64 << 10);
    while spare.meanwhile(socket.read_buf(&mut bytes)).await? > 0 {
        while let Some(prefix) = bytes.first_chunk::<PREFIX>() {
            let length = usize::try_from(u64::from_le_bytes(*prefix)).unwrap_or(usize::MAX);
            if length > longest {
                return Err(io::Error::other(MalformedFrame));
            }
            if bytes.len() - PREFIX < length {
                if length >= LARGE {
                    bytes.advance(PREFIX);
                    let answer = read_large(socket, bytes.split(), length, spare).await?;
                    queue.answer(answer).map_err(io::Error::other)?;
                    break;
                }
                bytes.reserve(PREFIX + length - bytes.len());
                break;
            }
            bytes.advance(PREFIX);
            queue.answer(bytes.split_to(length).freeze()).map_err(io::Error::other)?;
        }
        bytes.reserve(4 << 10);
    }
    Ok(())
}

/// Reads the rest of a large answer into memory that is used again.
async fn read_large(socket: &mut OwnedReadHalf, first: BytesMut, length: usize, spare: &Arc<SpareAnswers>) -> io::Result<Bytes> {
    let mut whole = spare.take(length);
    whole.extend_from_slice(&first);
    while whole.len() < length {
        let rest = (length - whole.len()) as u64;
        if (&mut *socket).take(rest).read_buf(&mut whole).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(spare.answer(whole))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that panics says where and why")]

    use super::*;
    use crate::engine::messages::frames::{self, Outcome};
    use bytes::Bytes;
    use tokio::{io::AsyncWriteExt, net::UnixStream};

    /// What becomes of an answer when the process sends these pieces and then ends.
    async fn received(pieces: &[&[u8]]) -> (io::Result<()>, Option<Bytes>) {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        let (mut ours, _write) = ours.into_split();
        let queue = Queue::default();
        let (_, mut answer) = queue.add(0, |_, _| ()).unwrap();
        let write = async {
            for piece in pieces {
                theirs.write_all(piece).await.unwrap();
                tokio::task::yield_now().await;
            }
            drop(theirs);
        };
        let (result, ()) = tokio::join!(receive_all(&mut ours, &queue, 1000), write);
        (result, answer.try_recv().ok().map(|(_, content)| content))
    }

    #[tokio::test]
    async fn answers_come_in_any_pieces() {
        let mut answer = Vec::new();
        frames::frame(&mut answer, |answer| {
            frames::put_outcome(answer, 1, Outcome::Done);
            answer.extend(b"content");
        });
        let bytes: Vec<&[u8]> = answer.chunks(1).collect();
        for pieces in [&bytes[..], &[&answer[..]]] {
            let (result, content) = received(pieces).await;
            assert!(result.is_ok() && content.as_deref() == Some(b"content"), "{result:?} {content:?}");
        }
        assert!(matches!(received(&bytes[1..]).await, (_, None)));
    }

    #[tokio::test]
    async fn what_makes_no_sense_is_not_waited_for() {
        for nonsense in [&u64::MAX.to_le_bytes()[..], &1001_u64.to_le_bytes(), &0_u64.to_le_bytes()] {
            assert!(received(&[nonsense]).await.0.is_err(), "{nonsense:?}");
        }
    }
}
