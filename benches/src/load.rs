//! The load: keep-alive connections that send a request, read the answer, check it, and send the next request. The load speaks
//! minimal HTTP/1.1 over a bare socket, to every server alike, so that the figures compare the servers.

use crate::figures::say;
use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use std::{
    fs,
    path::{Path, PathBuf},
    rc::Rc,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::LocalSet,
};

/// What to send where.
#[derive(clap::Args)]
pub struct LoadArguments {
    /// 127.0.0.1:PORT.
    address: String,
    /// Connections at once.
    #[arg(long)]
    connections: usize,
    /// How long, in milliseconds.
    #[arg(long, default_value_t = u64::MAX)]
    millis: u64,
    /// At most so many requests by each connection.
    #[arg(long, default_value_t = u64::MAX)]
    most: u64,
    /// A folder with an [`Exchange`] to repeat.
    #[arg(long)]
    exchange: Option<PathBuf>,
    /// The token for the gate; without one and without an exchange, hello is asked.
    #[arg(long)]
    token: Option<String>,
    /// How many versions there are; those with an even number are approved.
    #[arg(long, default_value_t = 0)]
    versions: u32,
    /// About how many of them to ask, spread evenly.
    #[arg(long, default_value_t = 0)]
    asked: u32,
}

/// What came of it.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub struct Measured {
    /// Answers that came.
    pub answers: usize,
    /// Answers a second.
    pub per_second: f64,
    /// The latency that half of the answers kept below, in microseconds.
    pub p50: f64,
    /// The same for 99 of 100.
    pub p99: f64,
}

/// A request as it goes over the wire, and how the body of its answer begins.
pub struct Exchange {
    /// Head and body.
    pub request: Vec<u8>,
    /// The body that is right, or its beginning.
    pub answer: Vec<u8>,
}

impl Exchange {
    /// Writes it into two files of a folder.
    ///
    /// # Errors
    /// The disk's.
    pub fn write(&self, folder: &Path) -> Result<()> {
        fs::create_dir_all(folder)?;
        fs::write(folder.join("request"), &self.request)?;
        Ok(fs::write(folder.join("answer"), &self.answer)?)
    }

    fn read(folder: &Path) -> Result<Self> {
        Ok(Self { request: fs::read(folder.join("request"))?, answer: fs::read(folder.join("answer"))? })
    }
}

/// From one question to the next: a prime, so that every version has its turn, and not after its neighbour in the database.
const STRIDE: usize = 7919;

/// Puts the load on and prints a [`Measured`].
///
/// # Errors
/// A connection that breaks, or an answer that is not the right one.
pub fn run(arguments: &LoadArguments) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let measured = LocalSet::new().block_on(&runtime, put_on(arguments))?;
    say(&serde_json::to_string(&measured)?);
    Ok(())
}

async fn put_on(arguments: &LoadArguments) -> Result<Measured> {
    let exchanges = Rc::new(exchanges(arguments)?);
    let mut connections = Vec::new();
    for _ in 0..arguments.connections {
        connections.push(Connection::open(&arguments.address).await?);
    }
    let started = Instant::now();
    let length = Duration::from_millis(arguments.millis);
    let most = arguments.most;
    let tasks: Vec<_> = connections
        .into_iter()
        .enumerate()
        .map(|(first, mut connection)| {
            let exchanges = Rc::clone(&exchanges);
            let stride = STRIDE * arguments.connections;
            tokio::task::spawn_local(async move {
                let mut latencies = Vec::new();
                let mut next = first * STRIDE;
                while (latencies.len() as u64) < most && started.elapsed() < length {
                    let sent = Instant::now();
                    connection.exchange(&exchanges[next % exchanges.len()]).await?;
                    latencies.push(sent.elapsed());
                    next += stride;
                }
                Ok::<_, anyhow::Error>(latencies)
            })
        })
        .collect();
    let mut latencies = Vec::new();
    for task in tasks {
        latencies.extend(task.await??);
    }
    let elapsed = started.elapsed().as_secs_f64();
    latencies.sort_unstable();
    ensure!(!latencies.is_empty(), "not one answer came");
    let at = |part: usize| latencies[(latencies.len() - 1) * part / 100].as_secs_f64() * 1e6;
    Ok(Measured { answers: latencies.len(), per_second: latencies.len() as f64 / elapsed, p50: at(50), p99: at(99) })
}

/// The questions: all for hello are the same; the gate is asked about versions spread over all that there are.
fn exchanges(arguments: &LoadArguments) -> Result<Vec<Exchange>> {
    if let Some(folder) = &arguments.exchange {
        return Ok(vec![Exchange::read(folder)?]);
    }
    let Some(token) = &arguments.token else {
        return Ok(vec![Exchange { request: b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec(), answer: b"hello".to_vec() }]);
    };
    let apart = (arguments.versions / arguments.asked.max(1)).max(1);
    let numbers = (0..arguments.asked).map(|index| index * apart + 1 + if apart > 1 { index % 2 } else { 0 });
    Ok(numbers.map(|number| gate_check(token, number)).collect())
}

fn gate_check(token: &str, number: u32) -> Exchange {
    let body = format!(r#"{{"infrastructure":"production","model":"diagnosis/tumour","version":{number}}}"#);
    let verdict = if number.is_multiple_of(2) { "allow" } else { "deny" };
    Exchange {
        request: post("/api/v1/gate/check", &format!("Authorization: Bearer {token}\r\n"), body.as_bytes()),
        answer: format!(r#"{{"verdict":"{verdict}""#).into(),
    }
}

/// Gives a final approval through the API.
///
/// # Errors
/// When it is not taken.
pub async fn approve(connection: &mut Connection, token: &str, number: u32) -> Result<()> {
    let path = format!("/api/v1/projects/diagnosis/models/tumour/versions/{number}/review/decision");
    let headers = format!("Authorization: Bearer {token}\r\nIf-Match: \"r1.1\"\r\n");
    let request = post(&path, &headers, br#"{"decision":"approve"}"#);
    connection.exchange(&Exchange { request, answer: br#"{"already_done":false"#.to_vec() }).await
}

/// A request with JSON, as it goes over the wire; each line of `headers` ends as lines of a head do.
pub fn post(path: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\n{headers}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}

/// One keep-alive connection.
pub struct Connection {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Connection {
    /// Connects.
    ///
    /// # Errors
    /// When nobody listens.
    pub async fn open(address: &str) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, read: Vec::with_capacity(16 << 10) })
    }

    /// Sends a request and takes its answer, which must be the right one.
    async fn exchange(&mut self, exchange: &Exchange) -> Result<()> {
        let right = self.ask(&exchange.request).await?.starts_with(&exchange.answer);
        ensure!(right, "this is not the right answer: {}", String::from_utf8_lossy(&self.read));
        Ok(())
    }

    /// Sends a request and gives the body of its answer, which must be of status 200.
    ///
    /// # Errors
    /// A connection that breaks, or another status.
    pub async fn ask(&mut self, request: &[u8]) -> Result<&[u8]> {
        self.stream.write_all(request).await?;
        self.read.clear();
        let head = loop {
            self.more().await?;
            if let Some(end) = self.read.windows(4).position(|window| window == b"\r\n\r\n") {
                break end + 4;
            }
        };
        let whole = head + content_length(&self.read[..head]).context("the answer does not say how long it is")?;
        while self.read.len() < whole {
            self.more().await?;
        }
        ensure!(self.read.starts_with(b"HTTP/1.1 200 "), "this is no answer: {}", String::from_utf8_lossy(&self.read));
        Ok(&self.read[head..whole])
    }

    async fn more(&mut self) -> Result<()> {
        ensure!(self.stream.read_buf(&mut self.read).await? > 0, "the server closed the connection");
        Ok(())
    }
}

fn content_length(head: &[u8]) -> Option<usize> {
    let mut lines = head.split(|byte| *byte == b'\n');
    let value = lines.find_map(|line| {
        let colon = line.iter().position(|byte| *byte == b':')?;
        line[..colon].eq_ignore_ascii_case(b"content-length").then(|| &line[colon + 1..])
    })?;
    std::str::from_utf8(value).ok()?.trim().parse().ok()
}
