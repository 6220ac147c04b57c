//! An S3-compatible server: moto, a Python program that `cargo xtask test` installs. Spoken to here by plain HTTP, to see
//! and change what lies in a bucket behind the store's back.

use crate::database::environment;
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
};

const PYTHON: &str = "COUNTERSIGN_TEST_PYTHON";

/// A running server on a port of its own; stopped when dropped.
pub struct Moto {
    process: Child,
    address: String,
}

impl Moto {
    pub fn start() -> Self {
        let python = environment(PYTHON).unwrap_or_else(|| {
            panic!("set {PYTHON} to a Python that has tests/requirements.txt: `cargo xtask test` makes one at target/test-venv")
        });
        // Port 0 is a free one; which, the server says itself as soon as it listens.
        let mut process = Command::new(python)
            .args(["-m", "moto.server", "-H", "127.0.0.1", "-p", "0"])
            .env("PYTHONUNBUFFERED", "1")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let address = loop {
            let line = lines.next().expect("the server ended before it listened").unwrap();
            if let Some((_, address)) = line.split_once("Running on http://") {
                break address.trim().to_owned();
            }
        };
        // Read on, or the server stops when the pipe is full.
        std::thread::spawn(move || lines.for_each(drop));
        Self { process, address }
    }

    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// One request; fails unless the answer is a success. The server takes any signature, but not none.
    pub fn request(&self, method: &str, path: &str, body: &[u8]) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nContent-Length: {}\r\nConnection: close\r\n\
             Authorization: AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0\r\n\r\n",
            self.address,
            body.len()
        );
        stream.write_all(&[head.as_bytes(), body].concat()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let answer = String::from_utf8_lossy(&answer).into_owned();
        assert!(answer.starts_with("HTTP/1.1 200"), "{method} {path}: {answer}");
        answer
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
