//! Which connections wait for their client's next request, and for how long: when all places are taken, the one that has waited longest
//! makes room for a new client.

use hyper::{
    Request, Response,
    body::{Body, Frame, Incoming, SizeHint},
    service::Service,
};
use std::{
    collections::BTreeMap,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Duration,
};
use tokio::{sync::Notify, time::Instant};

/// How long a connection waits at the least before it makes room: its client may just be about to send.
const LEAST_WAIT: Duration = Duration::from_secs(1);

/// The connections that wait, by since when.
#[derive(Clone, Default)]
pub(crate) struct Idle(Arc<Mutex<Waiting>>);

#[derive(Default)]
struct Waiting {
    since: BTreeMap<(Instant, u64), Arc<Notify>>,
    next: u64,
}

impl Idle {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // A panic while it was held leaves nothing half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Closes the connection that has waited longest, if one has waited long enough.
    pub(crate) fn close_one(&self) {
        let mut waiting = self.lock();
        let longest = waiting.since.first_entry();
        if let Some(longest) = longest.filter(|longest| longest.key().0.elapsed() >= LEAST_WAIT) {
            longest.remove().notify_one();
        }
    }

    /// A new connection, which waits for its first request.
    pub(crate) fn connection(&self) -> Connection {
        let number = {
            let mut waiting = self.lock();
            waiting.next += 1;
            waiting.next
        };
        let close = Arc::new(Notify::new());
        let state = Arc::new(State { idle: self.clone(), number, close: close.clone(), now: Mutex::default() });
        state.waits();
        Connection { state, close }
    }
}

/// One connection.
pub(crate) struct Connection {
    state: Arc<State>,
    close: Arc<Notify>,
}

impl Connection {
    /// The service, which notes while a request of this connection is answered.
    pub(crate) fn watch<S>(&self, inner: S) -> Watched<S> {
        Watched { inner, state: self.state.clone() }
    }

    /// Is ready when the connection has to make room. One whose request has begun meanwhile goes on.
    pub(crate) async fn makes_room(&self) {
        loop {
            self.close.notified().await;
            if self.state.lock().busy == 0 {
                return;
            }
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.state.gone();
    }
}

struct State {
    idle: Idle,
    number: u64,
    close: Arc<Notify>,
    now: Mutex<Now>,
}

#[derive(Default)]
struct Now {
    /// How many requests are answered: those of a connection come one after the other, but an answer may outlive its request.
    busy: u32,
    waits_since: Option<Instant>,
    gone: bool,
}

impl State {
    fn lock(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn waits(&self) {
        let mut now = self.lock();
        if now.busy == 0 && !now.gone {
            let since = Instant::now();
            now.waits_since = Some(since);
            self.idle.lock().since.insert((since, self.number), self.close.clone());
        }
    }

    fn begins(&self) {
        let mut now = self.lock();
        now.busy += 1;
        self.forget(&mut now);
    }

    fn ends(&self) {
        self.lock().busy -= 1;
        self.waits();
    }

    fn gone(&self) {
        let mut now = self.lock();
        now.gone = true;
        self.forget(&mut now);
    }

    fn forget(&self, now: &mut Now) {
        if let Some(since) = now.waits_since.take() {
            self.idle.lock().since.remove(&(since, self.number));
        }
    }
}

/// A request that is answered: until it is dropped.
struct Answering(Arc<State>);

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.ends();
    }
}

/// A service whose connection does not wait while one of its answers is not whole.
pub(crate) struct Watched<S> {
    inner: S,
    state: Arc<State>,
}

impl<S, B> Service<Request<Incoming>> for Watched<S>
where
    S: Service<Request<Incoming>, Response = Response<B>, Future: Send + 'static>,
{
    type Response = Response<WatchedBody<B>>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, S::Error>> + Send>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        self.state.begins();
        let answering = Answering(self.state.clone());
        let answer = self.inner.call(request);
        Box::pin(async move { Ok(answer.await?.map(|body| WatchedBody { inner: Box::pin(body), _answering: answering })) })
    }
}

/// The body of an answer: as long as it is there, the connection does not wait.
pub(crate) struct WatchedBody<B> {
    inner: Pin<Box<B>>,
    _answering: Answering,
}

impl<B: Body> Body for WatchedBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        self.inner.as_mut().poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
