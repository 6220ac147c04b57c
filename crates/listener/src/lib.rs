//! Accepts HTTP/1.1 connections for a service, and bounds every wait for a client: for its headers, and for it to take an
//! answer. When the server stops, the wait for open requests is bounded too. The service bounds the wait for bodies.

mod descriptors;
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
use std::{error::Error, io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use write_timeout::WriteTimeout;

/// Connections at once, if the process may have that many descriptors; further ones wait in the operating system's queue.
const MOST_CONNECTIONS: usize = 2048;
/// Connections at once, however few descriptors there are.
const LEAST_CONNECTIONS: usize = 16;
/// Descriptors for everything but connections: the database, files, processes, other servers.
const RESERVED: usize = 384;
/// Bytes of all headers of a request together, about.
const MOST_HEADER_BYTES: usize = 64 << 10;
/// How long to wait when the machine has no descriptor for another connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// How long to wait for a client.
#[derive(Clone, Copy)]
struct Timeouts {
    /// For a client to send the headers of a request; also how long an idle connection is kept.
    headers: Duration,
    /// For a client to accept the next bytes of an answer.
    write: Duration,
    /// For open requests, after the server was told to stop.
    shutdown: Duration,
}

const TIMEOUTS: Timeouts =
    Timeouts { headers: Duration::from_secs(30), write: Duration::from_secs(60), shutdown: Duration::from_secs(30) };

/// Serves until `shutdown` is ready, then takes no new connections and lets open requests finish, for 30 seconds at most.
/// `service` gives what answers the requests of one connection, from the address of its other end.
///
/// # Errors
/// None once it runs; what fails with one connection ends that connection.
pub async fn serve<S, B>(
    listener: TcpListener,
    service: impl Fn(SocketAddr) -> S,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()>
where
    S: Service<Request<Incoming>, Response = Response<B>, Error: Into<Box<dyn Error + Send + Sync>>, Future: Send>
        + Send
        + 'static,
    B: Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
{
    serve_with(TIMEOUTS, listener, service, shutdown).await
}

async fn serve_with<S, B>(
    timeouts: Timeouts,
    listener: TcpListener,
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
    builder.timer(TokioTimer::new()).header_read_timeout(timeouts.headers).max_buf_size(MOST_HEADER_BYTES);
    let places = Arc::new(Semaphore::new(descriptors::raise_limit().map_or(MOST_CONNECTIONS, connections)));
    let graceful = GracefulShutdown::new();
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let next = async {
            let place = places.clone().acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            next = next => next,
            () = &mut shutdown => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                let connection =
                    graceful.watch(builder.serve_connection(with_write_timeout(stream, timeouts.write), service(peer)));
                tokio::spawn(async move {
                    if let Err(error) = connection.await {
                        tracing::debug!(%peer, %error, "connection ended");
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
    drop(listener);
    if tokio::time::timeout(timeouts.shutdown, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests did not end in time and were cut off");
    }
    Ok(())
}

/// How many connections may be open in a process that may have so many descriptors. Clients that hold connections open must not
/// take the descriptors that the process needs itself, above all to hear of a revocation.
fn connections(descriptors: u64) -> usize {
    let left = usize::try_from(descriptors).unwrap_or(usize::MAX).saturating_sub(RESERVED);
    left.clamp(LEAST_CONNECTIONS, MOST_CONNECTIONS)
}

fn with_write_timeout(stream: TcpStream, timeout: Duration) -> TokioIo<WriteTimeout<TcpStream>> {
    // Answers are written whole; waiting for more of them only delays.
    let _ = stream.set_nodelay(true);
    TokioIo::new(WriteTimeout::new(stream, timeout))
}

/// Whether only the connection that was about to come is lost, and the next may well be accepted.
fn concerns_one_connection(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset)
}

#[cfg(test)]
mod tests;
