//! Reads bodies with a bound on their size and their time: a client that stops in the middle holds nothing for ever.

use super::Failure;
use app::{Error, error::Code};
use axum::{
    body::{Body, BodyDataStream, Bytes},
    http::{HeaderMap, header},
};
use domain::NextStep;
use futures_util::{Stream, StreamExt, stream};
use std::{io, time::Duration};
use tokio::sync::{Semaphore, SemaphorePermit};

/// Bytes of a JSON body.
pub(crate) const JSON_LIMIT: usize = proof::Limits::REQUEST.max_bytes;
/// How long a whole JSON body may take.
const JSON_TIME: Duration = Duration::from_secs(30);
/// How long the next bytes of a file may take.
const CHUNK_TIME: Duration = Duration::from_secs(60);

/// Whether the server knows who sends a body.
#[derive(Clone, Copy)]
pub(crate) enum Sender {
    /// Somebody who is signed in, or is being looked up.
    Known,
    /// Anybody.
    Stranger,
}

/// The whole of a JSON body, or nothing where there is none.
pub(crate) fn json(headers: &HeaderMap, body: Body, sender: Sender) -> impl Future<Output = Result<Bytes, Failure>> + use<> {
    within(JSON_TIME, sender, ("application/json", "a body must be JSON, with `Content-Type: application/json`"), headers, body)
}

/// The whole of what a form sends.
pub(crate) fn form(headers: &HeaderMap, body: Body, sender: Sender) -> impl Future<Output = Result<Bytes, Failure>> + use<> {
    let message = "a body must be that of a form, with `Content-Type: application/x-www-form-urlencoded`";
    within(JSON_TIME, sender, ("application/x-www-form-urlencoded", message), headers, body)
}

/// A whole body of this media type, or else this message.
fn within(
    patience: Duration,
    sender: Sender,
    (media_type, message): (&'static str, &'static str),
    headers: &HeaderMap,
    body: Body,
) -> impl Future<Output = Result<Bytes, Failure>> + use<> {
    let (length, is_right, uncompressed) = (content_length(headers), is_of(headers, media_type), uncompressed(headers));
    async move {
        uncompressed?;
        if length.is_some_and(|length| length > JSON_LIMIT as u64) {
            return Err(too_large());
        }
        let budget = match sender {
            Sender::Known => &ON_THEIR_WAY,
            Sender::Stranger => &OF_STRANGERS,
        };
        let reading = collect_within(budget, body.into_data_stream());
        let bytes = tokio::time::timeout(patience, reading).await.unwrap_or_else(|_| {
            let message = format!("the body did not arrive within {patience:?}");
            Err(Error::new(Code::RequestTimeout, message).next(NextStep::SendAgain).into())
        })?;
        if !bytes.is_empty() && !is_right {
            return Err(Error::new(Code::UnsupportedMediaType, message).into());
        }
        Ok(bytes)
    }
}

/// What all bodies of callers who are signed in may hold together while they are on their way, in KiB: many slow clients must not take the
/// server's memory.
static ON_THEIR_WAY: Semaphore = Semaphore::const_new(64 << 10);

/// The same for callers whom nobody knows yet, so that they keep the others' bodies out of nothing.
static OF_STRANGERS: Semaphore = Semaphore::const_new(16 << 10);

/// What every body may hold beside that, in bytes. Most are smaller.
const FREE: usize = 8 << 10;

async fn collect_within(budget: &'static Semaphore, mut stream: BodyDataStream) -> Result<Bytes, Failure> {
    let (mut whole, mut held) = (Vec::new(), None::<SemaphorePermit<'_>>);
    while let Some(chunk) = stream.next().await {
        let chunk = chunk
            .map_err(|error| Error::new(Code::BodyBrokenOff, format!("the body broke off: {error}")).next(NextStep::SendAgain))?;
        if whole.len() + chunk.len() > JSON_LIMIT {
            return Err(too_large());
        }
        let needed = (whole.len() + chunk.len()).saturating_sub(FREE).div_ceil(1 << 10);
        let missing = needed.saturating_sub(held.as_ref().map_or(0, SemaphorePermit::num_permits));
        if missing > 0 {
            let more = budget.try_acquire_many(missing.try_into().unwrap_or(u32::MAX)).map_err(|_| {
                let message = "many large bodies are on their way to this server, and there is no room for another one";
                Error::new(Code::Unavailable, message).next(NextStep::SendAgain)
            })?;
            match &mut held {
                Some(held) => held.merge(more),
                None => held = Some(more),
            }
        }
        whole.extend_from_slice(&chunk);
    }
    Ok(whole.into())
}

fn too_large() -> Failure {
    Error::new(Code::BodyTooLarge, format!("a body may have {JSON_LIMIT} bytes here")).next(NextStep::SendLess).into()
}

/// The length that the client announces.
pub(crate) fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Refuses a body that is compressed: what arrives is what counts.
pub(crate) fn uncompressed(headers: &HeaderMap) -> Result<(), Failure> {
    let mut encodings = headers.get_all(header::CONTENT_ENCODING).iter();
    match encodings.all(|encoding| encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        true => Ok(()),
        false => {
            let message = "a body must not be compressed: send it without Content-Encoding";
            Err(Error::new(Code::UnsupportedMediaType, message).into())
        }
    }
}

fn is_of(headers: &HeaderMap, wanted: &str) -> bool {
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    media_type.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(wanted)
}

/// The chunks of a body of any size, with its announced length; it ends in an error when the client breaks off or falls silent.
pub(crate) fn chunks(
    headers: &HeaderMap,
    body: Body,
) -> (Option<u64>, impl Stream<Item = io::Result<Bytes>> + Send + Unpin + 'static) {
    (content_length(headers), chunks_within(CHUNK_TIME, body))
}

fn chunks_within(patience: Duration, body: Body) -> impl Stream<Item = io::Result<Bytes>> + Send + Unpin + 'static {
    let chunks = stream::unfold(Some(body.into_data_stream()), move |stream| async move {
        let mut stream = stream?;
        match tokio::time::timeout(patience, stream.next()).await {
            Ok(None) => None,
            Ok(Some(Ok(chunk))) => Some((Ok(chunk), Some(stream))),
            Ok(Some(Err(error))) => Some((Err(io::Error::other(error)), None)),
            Err(_) => {
                let message = format!("the client sent nothing for {patience:?}");
                Some((Err(io::Error::new(io::ErrorKind::TimedOut, message)), None))
            }
        }
    });
    Box::pin(chunks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    /// A body whose client says something and then falls silent.
    fn silent() -> Body {
        Body::from_stream(stream::iter([Ok::<_, io::Error>(Bytes::from_static(b"{"))]).chain(stream::pending()))
    }

    #[tokio::test]
    async fn a_client_that_falls_silent_is_not_waited_for() {
        let patience = Duration::from_millis(20);
        let failure = within(patience, Sender::Known, ("application/json", ""), &HeaderMap::new(), silent()).await.unwrap_err();
        assert_eq!(failure.code(), "request_timeout");

        let chunks: Vec<_> = chunks_within(patience, silent()).collect().await;
        assert_eq!(chunks[0].as_ref().unwrap().as_ref(), b"{");
        assert_eq!(chunks[1].as_ref().unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert_eq!(chunks.len(), 2);
    }

    #[tokio::test]
    async fn a_body_beyond_the_limit_is_refused_at_the_first_byte_too_many_or_by_its_length_alone() {
        let mib = || stream::iter((0..1 << 10).map(|_| Ok::<_, io::Error>(Bytes::from(vec![b' '; 1 << 10]))));
        let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, "application/json; charset=utf-8".parse().unwrap())]);
        assert_eq!(json(&headers, Body::from_stream(mib()), Sender::Known).await.unwrap().len(), JSON_LIMIT);
        let more = mib().chain(stream::iter([Ok(Bytes::from_static(b" "))])).chain(stream::pending());
        assert_eq!(json(&headers, Body::from_stream(more), Sender::Known).await.unwrap_err().code(), "body_too_large");
        let announced = HeaderMap::from_iter([(header::CONTENT_LENGTH, "1048577".parse().unwrap())]);
        assert_eq!(
            json(&announced, Body::from_stream(stream::pending::<io::Result<Bytes>>()), Sender::Known).await.unwrap_err().code(),
            "body_too_large"
        );
    }

    /// The beginning of a body of so many KiB, whose client then falls silent.
    fn slow(kib: usize) -> BodyDataStream {
        let begun = stream::iter([Ok::<_, io::Error>(Bytes::from(vec![b' '; kib << 10]))]);
        Body::from_stream(begun.chain(stream::pending())).into_data_stream()
    }

    #[tokio::test]
    async fn slow_bodies_together_hold_no_more_than_their_budget() {
        let budget: &'static Semaphore = Box::leak(Box::new(Semaphore::new(100)));
        let mut large: Vec<_> = (0..2).map(|_| Box::pin(collect_within(budget, slow(50)))).collect();
        for body in &mut large {
            assert!(body.as_mut().now_or_never().is_none(), "each waits for its client");
        }
        assert_eq!(collect_within(budget, slow(50)).await.unwrap_err().code(), "unavailable");
        // A small one is none of them, and what one gives back another may take.
        assert!(collect_within(budget, slow(8)).now_or_never().is_none());
        large.pop();
        assert!(Box::pin(collect_within(budget, slow(50))).now_or_never().is_none());
        drop(large);
        assert_eq!(budget.available_permits(), 100);
    }

    #[tokio::test]
    async fn only_json_is_json() {
        for (media_type, code) in [
            ("application/json", None),
            ("Application/JSON; charset=utf-8", None),
            ("text/plain", Some("unsupported_media_type")),
            ("application/jsonp", Some("unsupported_media_type")),
        ] {
            let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, media_type.parse().unwrap())]);
            let refused = json(&headers, Body::from("{}"), Sender::Known).await.err();
            assert_eq!(refused.map(|failure| failure.code()), code, "{media_type}");
        }
        assert_eq!(json(&HeaderMap::new(), Body::from("{}"), Sender::Known).await.unwrap_err().code(), "unsupported_media_type");
        assert_eq!(json(&HeaderMap::new(), Body::empty(), Sender::Known).await.unwrap(), Bytes::new());
    }
}
