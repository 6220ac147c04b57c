//! Serves the router on a listener, and gives every request the address of its client.

use axum::{Router, body::Body, extract::ConnectInfo};
use hyper::{Request, body::Incoming};
use hyper_util::service::TowerToHyperService;
use listener::Tls;
use std::io;
use tokio::net::TcpListener;
use tower::ServiceExt;

/// Serves, over TLS where there is a certificate, until `shutdown` is ready, then takes no new connections and lets open requests finish, for 30 seconds at most.
///
/// # Errors
/// None once it runs; what fails with one connection ends that connection.
pub async fn serve(
    listener: TcpListener,
    tls: Option<Tls>,
    router: Router,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let service = |peer| {
        TowerToHyperService::new(router.clone().map_request(move |request: Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            request
        }))
    };
    listener::serve(listener, tls, service, shutdown).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;
    use std::net::SocketAddr;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpStream,
    };

    #[tokio::test]
    async fn a_handler_knows_the_peer() {
        let whoami = get(async |ConnectInfo(peer): ConnectInfo<SocketAddr>| peer.to_string());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = tokio::spawn(serve(listener, None, Router::new().route("/", whoami), std::future::pending()));
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(answer.ends_with(&stream.local_addr().unwrap().to_string()), "{answer}");
        serving.abort();
    }
}
