//! Accepts HTTP/1.1 connections for a service, and bounds every wait for a client: for its headers, and for it to take an
//! answer. When the server stops, the wait for open requests is bounded too. The service bounds the wait for bodies.

mod descriptors;
mod idle;
mod tls;
mod write_timeout;

use hyper::{
    Request, Response,
    body::{Body, Incoming},
    server::conn::http1,
    service::Service,
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
pub use tls::{Tls, TlsError};

use idle::Idle;
use std::{error::Error, io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    net::TcpListener,
    sync::{OwnedSemaphorePermit, Semaphore},
};
use write_timeout::WriteTimeout;

/// Connections at once, if the process may have that many descriptors. For a further one, one that has waited for its client makes room;
/// where none has, it waits in the operating system's queue.
const MOST_CONNECTIONS: usize = 2048;
/// Connections at once, however few descriptors there are.
const LEAST_CONNECTIONS: usize = 16;
/// Descriptors for everything but connections: the database, files, processes, other servers.
const RESERVED: usize = 384;
/// Bytes of all headers of a request together, about.
const MOST_HEADER_BYTES: usize = 64 << 10;
/// How long to wait for a place before another connection is asked to make room.
const LOOK_AGAIN: Duration = Duration::from_millis(20);
/// How long to wait when the machine has no descriptor for another connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// How many clients at once, and how long to wait for one.
#[derive(Clone, Copy)]
struct Bounds {
    /// Connections at once, if the process may have that many descriptors.
    connections: usize,
    /// For a client to send the headers of a request; also how long an idle connection is kept.
    headers: Duration,
    /// For a client to accept the next bytes of an answer.
    write: Duration,
    /// For open requests, after the server was told to stop.
    shutdown: Duration,
}

const BOUNDS: Bounds = Bounds {
    connections: MOST_CONNECTIONS,
    headers: Duration::from_secs(30),
    write: Duration::from_secs(60),
    shutdown: Duration::from_secs(30),
};

/// Serves, over TLS where there is a certificate, until `shutdown` is ready, then takes no new connections and lets open requests finish, for 30 seconds at most.
/// `service` gives what answers the requests of one connection, from the address of its other end.
///
/// # Errors
/// None once it runs; what fails with one connection ends that connection.
pub async fn serve<S, B>(
    listener: TcpListener,
    tls: Option<Tls>,
    service: impl Fn(SocketAddr) -> S,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()>
where
    S: Service<Request<Incoming>, Response = Response<B>, Error: Into<Box<dyn Error + Send + Sync>>, Future: Send>
        + Send
        + 'static,
    B: Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
{
    let keeping_up = async {
        match &tls {
            Some(tls) => tls.keep_up().await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        served = serve_with(BOUNDS, listener, tls.clone(), service, shutdown) => served,
        () = keeping_up => Ok(()),
    }
}

async fn serve_with<S, B>(
    bounds: Bounds,
    listener: TcpListener,
    tls: Option<Tls>,
    service: impl Fn(SocketAddr) -> S,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()>
where
    S: Service<Request<Incoming>, Response = Response<B>, Error: Into<Box<dyn Error + Send + Sync>>, Future: Send>
        + Send
        + 'static,
    B: Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
{
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(bounds.headers).max_buf_size(MOST_HEADER_BYTES);
    let places = Arc::new(Semaphore::new(
        descriptors::raise_limit().map_or(bounds.connections, |limit| connections(limit).min(bounds.connections)),
    ));
    let (graceful, idle) = (GracefulShutdown::new(), Idle::default());
    let (stop, stopping) = tokio::sync::watch::channel(());
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let next = async {
            // A client that is not there takes no place from others.
            let accepted = listener.accept().await;
            (place(&places, &idle).await, accepted)
        };
        let (place, accepted) = tokio::select! {
            next = next => next,
            () = &mut shutdown => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                let room = idle.connection();
                let service = room.watch(service(peer));
                let (tls, watcher, builder, mut stopping) = (tls.clone(), graceful.watcher(), builder.clone(), stopping.clone());
                let connection = async move {
                    // Answers are written whole; waiting for more of them only delays.
                    let _ = stream.set_nodelay(true);
                    match tls {
                        None => watcher.watch(builder.serve_connection(with_write_timeout(stream, bounds.write), service)).await,
                        Some(tls) => {
                            let accepting = tokio::time::timeout(bounds.headers, tls.acceptor().accept(stream));
                            // A client that says nothing must not delay the end.
                            let accepted = tokio::select! {
                                accepted = accepting => accepted,
                                _ = stopping.changed() => return Ok(()),
                            };
                            let Ok(Ok(stream)) = accepted else {
                                tracing::debug!(%peer, "a client did not come to terms over TLS");
                                return Ok(());
                            };
                            watcher.watch(builder.serve_connection(with_write_timeout(stream, bounds.write), service)).await
                        }
                    }
                };
                tokio::spawn(async move {
                    tokio::select! {
                        ended = connection => {
                            if let Err(error) = ended {
                                tracing::debug!(%peer, %error, "connection ended");
                            }
                        }
                        () = room.makes_room() => tracing::debug!(%peer, "a connection without a request made room for another client"),
                    }
                    drop(place);
                });
            }
            Err(error) if concerns_one_connection(&error) => {}
            Err(error) => {
                tracing::error!(%error, "no connection can be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop((listener, stop));
    if tokio::time::timeout(bounds.shutdown, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests did not end in time and were cut off");
    }
    Ok(())
}

/// A place for a connection: a free one, or that of the connection that has waited longest for its client.
async fn place(places: &Arc<Semaphore>, idle: &Idle) -> Option<OwnedSemaphorePermit> {
    loop {
        if let Ok(place) = places.clone().try_acquire_owned() {
            return Some(place);
        }
        idle.close_one();
        // Nobody closes the semaphore.
        if let Ok(place) = tokio::time::timeout(LOOK_AGAIN, places.clone().acquire_owned()).await {
            return place.ok();
        }
    }
}

/// How many connections may be open in a process that may have so many descriptors. Clients that hold connections open must not
/// take the descriptors that the process needs itself, above all to hear of a revocation.
fn connections(descriptors: u64) -> usize {
    let left = usize::try_from(descriptors).unwrap_or(usize::MAX).saturating_sub(RESERVED);
    left.clamp(LEAST_CONNECTIONS, MOST_CONNECTIONS)
}

fn with_write_timeout<T>(stream: T, timeout: Duration) -> TokioIo<WriteTimeout<T>> {
    TokioIo::new(WriteTimeout::new(stream, timeout))
}

/// Whether only the connection that was about to come is lost, and the next may well be accepted.
fn concerns_one_connection(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset)
}

#[cfg(test)]
mod tests;
