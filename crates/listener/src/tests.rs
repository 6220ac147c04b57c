use super::*;
use futures_util::FutureExt;
use hyper::service::service_fn;
use std::convert::Infallible;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::{mpsc, oneshot},
};

const SHORT: Duration = Duration::from_millis(30);
const LONG: Duration = Duration::from_secs(60);

type Answer = Result<Response<String>, Infallible>;

/// A server that answers so: its address, and what stops it and waits for its end.
async fn start<F>(
    bounds: Bounds,
    answer: impl Fn(SocketAddr) -> F + Clone + Send + Sync + 'static,
) -> (SocketAddr, impl AsyncFnOnce())
where
    F: Future<Output = Answer> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let service = move |peer| {
        let answer = answer.clone();
        service_fn(move |_| answer(peer))
    };
    let serving = tokio::spawn(serve_with(bounds, listener, None, service, stopped.map(|_| ())));
    (address, async move || {
        stop.send(()).unwrap();
        serving.await.unwrap().unwrap();
    })
}

async fn never(_: SocketAddr) -> Answer {
    std::future::pending().await
}

async fn answer(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn a_service_knows_the_peer() {
    let whoami = |peer: SocketAddr| async move { Ok(Response::new(peer.ip().to_string())) };
    let (address, stop) = start(BOUNDS, whoami).await;
    let answer = answer(address, "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("127.0.0.1"), "{answer}");
    stop().await;
}

#[tokio::test]
async fn a_client_that_never_ends_its_headers_is_cut_off() {
    let bounds = Bounds { headers: SHORT, ..BOUNDS };
    let (address, stop) = start(bounds, never).await;
    // It ends at all: the client itself neither goes on nor closes.
    let answer = tokio::time::timeout(LONG, answer(address, "GET / HTTP/1.1\r\nhost: x\r\n")).await.unwrap();
    assert!(!answer.starts_with("HTTP/1.1 2"), "{answer}");
    stop().await;
}

#[tokio::test]
async fn an_open_request_may_finish_and_no_new_one_begins() {
    let (begun, mut has_begun) = mpsc::channel::<oneshot::Sender<()>>(1);
    let slow = move |_| {
        let begun = begun.clone();
        async move {
            let (finish, finishing) = oneshot::channel();
            begun.send(finish).await.unwrap();
            finishing.await.unwrap();
            Ok(Response::new("finished".to_owned()))
        }
    };
    let (address, stop) = start(BOUNDS, slow).await;
    let request = tokio::spawn(answer(address, "GET / HTTP/1.1\r\nhost: x\r\n\r\n"));
    let finish = has_begun.recv().await.unwrap();
    let mut stopping = std::pin::pin!(stop());
    assert!(tokio::time::timeout(SHORT, &mut stopping).await.is_err(), "it stopped under an open request");
    assert!(TcpStream::connect(address).await.is_err(), "it still accepts");
    finish.send(()).unwrap();
    stopping.await;
    assert!(request.await.unwrap().ends_with("finished"));
}

#[tokio::test]
async fn a_request_that_never_ends_does_not_keep_the_server_from_stopping() {
    let (begun, mut has_begun) = mpsc::channel::<()>(1);
    let stuck = move |peer| {
        let begun = begun.clone();
        async move {
            begun.send(()).await.unwrap();
            never(peer).await
        }
    };
    let (address, stop) = start(Bounds { shutdown: SHORT, ..BOUNDS }, stuck).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    has_begun.recv().await.unwrap();
    tokio::time::timeout(LONG, stop()).await.unwrap();
}

#[test]
fn connections_leave_descriptors_for_what_the_process_needs_itself() {
    let (least, most) = (LEAST_CONNECTIONS, MOST_CONNECTIONS);
    for (descriptors, expected) in [(0, least), (256, least), (1024, 640), (2432, 2048), (1 << 20, most), (u64::MAX, most)] {
        assert_eq!(connections(descriptors), expected, "{descriptors}");
    }
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    assert_eq!(descriptors::raise_limit(), limit.maximum);
    assert_eq!(rustix::process::getrlimit(rustix::process::Resource::Nofile).current, limit.maximum);
}

/// Clients that hold every place and send nothing do not keep others out; a client that is being answered keeps its place.
#[tokio::test]
async fn clients_that_send_nothing_make_room() {
    let (begun, mut has_begun) = mpsc::channel::<oneshot::Sender<()>>(1);
    let answers = move |_| {
        let begun = begun.clone();
        async move {
            let (finish, finishing) = oneshot::channel();
            begun.send(finish).await.unwrap();
            finishing.await.unwrap();
            Ok(Response::new("answered".to_owned()))
        }
    };
    let (address, stop) = start(Bounds { connections: 8, headers: LONG, ..BOUNDS }, answers).await;
    let request = "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    // The one that is answered was there first.
    let slow = tokio::spawn(answer(address, request));
    let finish_slow = has_begun.recv().await.unwrap();
    let mut silent = Vec::new();
    for _ in 0..7 {
        silent.push(TcpStream::connect(address).await.unwrap());
    }
    // Each of these takes the place of one that sends nothing.
    for left in (0..7).rev() {
        let next = tokio::spawn(answer(address, request));
        has_begun.recv().await.unwrap().send(()).unwrap();
        assert!(next.await.unwrap().ends_with("answered"));
        if left == 6 {
            let mut rest = String::new();
            assert_eq!(silent[0].read_to_string(&mut rest).await.unwrap(), 0, "the first of them is closed");
        }
        // It takes the place that was freed.
        silent.push(TcpStream::connect(address).await.unwrap());
    }
    finish_slow.send(()).unwrap();
    assert!(slow.await.unwrap().ends_with("answered"));
    drop(silent);
    stop().await;
}
