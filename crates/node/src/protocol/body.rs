//! Reads bodies with a bound on their size and their time, unpacks them with a bound on the result, and packs answers.

use super::{
    answer::Failure,
    answer_body::AnswerBody,
    body_buffer::BodyBuffer,
    limits::HttpLimits,
    memory::{MemoryBudget, Reservation},
    pace::Pace,
};
use bytes::Bytes;
use flate2::{Compression, read::MultiGzDecoder, read::ZlibDecoder, write::GzEncoder};
use http_body_util::BodyExt;
use hyper::{
    StatusCode,
    body::{Body, Incoming},
    header::{self, HeaderMap},
};
use std::{
    io::{Read, Write},
    sync::Arc,
    time::Duration,
};
use tokio::time::Instant;

/// From how many bytes on work is given to another thread, so that it holds up no other request.
const MUCH: usize = 256 << 10;
/// How many times the largest body is read of one that is refused, ...
const DISCARDED_BODIES: usize = 4;
/// ... and for how long.
const DISCARD_TIME: Duration = Duration::from_secs(5);
/// From how many bytes on an answer is worth packing: below it fits into one packet anyway.
const WORTH_PACKING: usize = 1 << 10;

/// The whole body, unpacked, and the memory that is reserved for it beside what it brings itself.
pub(crate) async fn read(
    headers: &HeaderMap,
    body: Incoming,
    limits: &HttpLimits,
    memory: &Arc<MemoryBudget>,
) -> Result<(Bytes, Reservation), Failure> {
    let mut reservation = memory.reserve_nothing();
    let mut body = body;
    let result = match encoding(headers) {
        Ok(_) if body.size_hint().lower() > limits.body as u64 => Err(too_large(limits)),
        Ok(encoding) => {
            let reading = tokio::time::timeout(limits.body_time, collect(&mut body, limits, memory, &mut reservation)).await;
            let bytes = reading.unwrap_or_else(|_| {
                let message = format!("the body did not arrive within {:?}", limits.body_time);
                Err(Failure::new(StatusCode::REQUEST_TIMEOUT, message))
            });
            bytes.map(|bytes| (encoding, bytes))
        }
        Err(unknown) => Err(unknown),
    };
    let (encoding, bytes) = match result {
        Ok(read) => read,
        Err(failure) => {
            drop(reservation);
            if failure.status() != StatusCode::REQUEST_TIMEOUT {
                discard(headers, body, limits).await;
            }
            return Err(failure);
        }
    };
    match encoding {
        Encoding::Plain => Ok((bytes, reservation)),
        Encoding::Gzip | Encoding::Deflate => {
            let limits = limits.clone();
            let unpacking = tokio::task::spawn_blocking(move || {
                let bytes = unpack(encoding, &bytes, &limits, &mut reservation)?;
                reservation.shrink(bytes.len());
                Ok((bytes, reservation))
            });
            unpacking.await.expect("unpacking does not panic")
        }
    }
}

/// Reads the rest of a body that is refused, and keeps nothing of it, for some seconds at most. Many clients read no answer before they
/// have sent everything, and take a connection that is closed meanwhile for a fault of the network.
pub(crate) async fn discard(headers: &HeaderMap, mut body: Incoming, limits: &HttpLimits) {
    // Such a client waits for a word before it sends anything.
    if headers.contains_key(header::EXPECT) {
        return;
    }
    let most = limits.body.saturating_mul(DISCARDED_BODIES);
    let reading = async {
        let mut read = 0;
        while let Some(Ok(frame)) = body.frame().await {
            read += frame.data_ref().map_or(0, Bytes::len);
            if read > most {
                break;
            }
        }
    };
    // A client that is slower is not waited for.
    let _ = tokio::time::timeout(DISCARD_TIME.min(limits.body_time), reading).await;
}

/// Holds the memory for an answer of so many bytes while it is made, where that is much.
pub(crate) fn reserve_answer(reservation: &mut Reservation, bytes: usize) -> Result<(), Failure> {
    if bytes < MUCH || reservation.grow(bytes) { Ok(()) } else { Err(too_many()) }
}

/// Does the work here when it is little, and on a thread for long work otherwise.
pub(crate) async fn apart_if_much<T: Send + 'static>(bytes: usize, work: impl FnOnce() -> T + Send + 'static) -> T {
    if bytes < MUCH { work() } else { tokio::task::spawn_blocking(work).await.expect("reading tensors does not panic") }
}

/// The answer's bytes in gzip, where the client takes that and it is less.
pub(crate) async fn pack(headers: &HeaderMap, body: AnswerBody) -> (AnswerBody, bool) {
    if body.len() < WORTH_PACKING || !takes_gzip(headers) {
        return (body, false);
    }
    apart_if_much(body.len(), move || {
        let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 2), Compression::fast());
        let written = body.pieces().try_for_each(|piece| encoder.write_all(piece));
        match written.and_then(|()| encoder.finish()) {
            Ok(packed) if packed.len() < body.len() => (packed.into(), true),
            _ => (body, false),
        }
    })
    .await
}

async fn collect(
    body: &mut Incoming,
    limits: &HttpLimits,
    memory: &Arc<MemoryBudget>,
    reservation: &mut Reservation,
) -> Result<Bytes, Failure> {
    let expected = body.size_hint().exact().and_then(|length| usize::try_from(length).ok());
    let mut whole = BodyBuffer::new(expected, limits.body, memory);
    let mut only = Bytes::new();
    let mut pace = Pace::new(limits);
    loop {
        let arrived = only.len() + whole.len();
        let next = match pace.deadline(arrived) {
            Some(deadline) => tokio::time::timeout_at(deadline, body.frame()).await.ok(),
            None => Some(body.frame().await),
        };
        let frame = match next {
            Some(Some(frame)) => frame,
            Some(None) => break,
            // Nothing is there to read: a busy machine is no fault of the client.
            None if pace.stalls(arrived, Instant::now()) => {
                let stall = limits.stall_time;
                let message = format!("the body came too slowly: of a large one, 256 KiB must arrive within {stall:?}");
                return Err(Failure::new(StatusCode::REQUEST_TIMEOUT, message));
            }
            None => continue,
        };
        let frame = frame.map_err(|error| Failure::bad(format!("the body broke off: {error}")))?;
        let Ok(chunk) = frame.into_data() else { continue };
        if only.len() + whole.len() + chunk.len() > limits.body {
            return Err(too_large(limits));
        }
        // A body that came in one piece needs no copy.
        if only.is_empty() && whole.is_empty() {
            if !reservation.grow(chunk.len()) {
                return Err(too_many());
            }
            only = chunk;
            continue;
        }
        let first = std::mem::take(&mut only);
        if !(first.is_empty() || whole.add(&first)) || !whole.add(&chunk) {
            return Err(too_many());
        }
        reservation.give_back(first.len());
    }
    Ok(if whole.is_empty() { only } else { whole.into_bytes() })
}

fn too_large(limits: &HttpLimits) -> Failure {
    let message = format!("a body may have {} bytes, packed and unpacked: send less at a time", limits.body);
    Failure::new(StatusCode::PAYLOAD_TOO_LARGE, message)
}

/// There is no memory for one more.
pub(crate) fn too_many() -> Failure {
    Failure::unavailable("the bodies of other requests fill the memory for them: try again soon", Some(1))
}

#[derive(Clone, Copy)]
enum Encoding {
    Plain,
    Gzip,
    Deflate,
}

fn encoding(headers: &HeaderMap) -> Result<Encoding, Failure> {
    let Some(value) = headers.get(header::CONTENT_ENCODING) else { return Ok(Encoding::Plain) };
    match value.as_bytes().to_ascii_lowercase().as_slice() {
        b"" | b"identity" => Ok(Encoding::Plain),
        b"gzip" | b"x-gzip" => Ok(Encoding::Gzip),
        b"deflate" => Ok(Encoding::Deflate),
        _ => Err(Failure::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "a body may be packed with gzip or deflate, and nothing else")),
    }
}

/// Unpacks piece by piece, and holds the memory for each as it comes: a small body may become a large one, and mostly does not.
fn unpack(encoding: Encoding, bytes: &[u8], limits: &HttpLimits, reservation: &mut Reservation) -> Result<Bytes, Failure> {
    let mut packed: Box<dyn Read + '_> = match encoding {
        Encoding::Deflate => Box::new(ZlibDecoder::new(bytes)),
        Encoding::Plain | Encoding::Gzip => Box::new(MultiGzDecoder::new(bytes)),
    };
    let mut whole = Vec::new();
    loop {
        let read = packed.by_ref().take(MUCH as u64).read_to_end(&mut whole);
        let read = read.map_err(|error| Failure::bad(format!("the body is not packed as Content-Encoding says: {error}")))?;
        if whole.len() > limits.body {
            return Err(too_large(limits));
        }
        if !reservation.grow(read) {
            return Err(too_many());
        }
        if read == 0 {
            whole.shrink_to_fit();
            return Ok(whole.into());
        }
    }
}

fn takes_gzip(headers: &HeaderMap) -> bool {
    let mut listed = headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    listed.any(|one| {
        let (name, quality) = one.split_once(';').unwrap_or((one, ""));
        let refused = quality.trim().strip_prefix("q=").and_then(|q| q.trim().parse::<f32>().ok()) == Some(0.0);
        name.trim().eq_ignore_ascii_case("gzip") && !refused
    })
}
