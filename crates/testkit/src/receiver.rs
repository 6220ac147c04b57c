//! Another program's server: it keeps what it is sent, and answers as a test says.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// How a receiver answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answering {
    /// With this status and text.
    With(u16, String),
    /// Not at all.
    Hanging,
    /// With 200 and a body without an end.
    Streaming,
    /// With 302 to this address.
    Redirecting(String),
}

/// A request that came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// `POST /path HTTP/1.1`.
    pub line: String,
    /// The headers, by their names in small letters.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: String,
}

/// A running receiver; it ends when it is dropped.
pub struct Receiver {
    /// Where it listens: `http://127.0.0.1:PORT`.
    pub url: String,
    received: Arc<Mutex<Vec<Received>>>,
    answering: Arc<Mutex<Answering>>,
    listening: JoinHandle<()>,
}

impl Receiver {
    /// One that takes everything.
    pub async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("loopback has a free port");
        let url = format!("http://{}", listener.local_addr().expect("a bound listener has an address"));
        let received: Arc<Mutex<Vec<_>>> = Arc::default();
        let answering = Arc::new(Mutex::new(Answering::With(200, "taken".to_owned())));
        let (into, how) = (Arc::clone(&received), Arc::clone(&answering));
        let listening = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                // A caller may go away at any time.
                tokio::spawn(serve(socket, Arc::clone(&into), Arc::clone(&how)));
            }
        });
        Self { url, received, answering, listening }
    }

    /// Answers so from now on.
    pub fn answer(&self, answering: Answering) {
        *self.answering.lock().unwrap_or_else(PoisonError::into_inner) = answering;
    }

    /// What came since the last time that a test asked.
    pub fn take(&self) -> Vec<Received> {
        std::mem::take(&mut *self.received.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn serve(socket: TcpStream, into: Arc<Mutex<Vec<Received>>>, how: Arc<Mutex<Answering>>) -> std::io::Result<()> {
    let mut socket = BufReader::new(socket);
    let mut line = String::new();
    socket.read_line(&mut line).await?;
    let mut headers = BTreeMap::new();
    loop {
        let mut header = String::new();
        socket.read_line(&mut header).await?;
        let Some((name, value)) = header.trim_end().split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    socket.read_exact(&mut body).await?;
    let received = Received { line: line.trim_end().to_owned(), headers, body: String::from_utf8_lossy(&body).into_owned() };
    into.lock().unwrap_or_else(PoisonError::into_inner).push(received);
    let answering = how.lock().unwrap_or_else(PoisonError::into_inner).clone();
    match answering {
        Answering::With(status, text) => {
            let answer = format!("HTTP/1.1 {status} Told\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{text}", text.len());
            socket.write_all(answer.as_bytes()).await
        }
        // Until the caller goes away.
        Answering::Hanging => socket.read_to_end(&mut Vec::new()).await.map(|_| ()),
        Answering::Streaming => {
            socket.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n").await?;
            loop {
                socket.write_all(&[b'x'; 1024]).await?;
            }
        }
        Answering::Redirecting(to) => {
            let answer = format!("HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            socket.write_all(answer.as_bytes()).await
        }
    }
}
