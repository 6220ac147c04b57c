//! A mail server that takes mails only after STARTTLS and a login, or that takes all: aiosmtpd.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};
use tempfile::TempDir;

const PYTHON: &str = "COUNTERSIGN_TEST_PYTHON";

/// A running mail server; killed when dropped.
pub struct TlsServer {
    folder: TempDir,
    /// Where it listens.
    pub port: u16,
    child: Child,
}

impl TlsServer {
    /// None where the environment names no Python.
    pub fn start() -> Option<Self> {
        Self::start_with(&[])
    }

    /// The same, in the clear and for everybody.
    pub fn start_plain() -> Option<Self> {
        Self::start_with(&["plain"])
    }

    fn start_with(arguments: &[&str]) -> Option<Self> {
        let Some(python) = crate::common::environment(PYTHON) else {
            assert!(crate::common::sqlite_only(), "{PYTHON} is not set: run `cargo xtask test`");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        make_certificates(folder.path());
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/mail/tls_server.py");
        let mut child = Command::new(python)
            .arg(script)
            .args(arguments)
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python can be started");
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.trim().parse().unwrap_or_else(|_| panic!("the mail server did not start: {line}"));
        Some(Self { folder, port, child })
    }

    /// The authority that vouches for its certificate.
    pub fn authority(&self) -> String {
        self.folder.path().join("authority.pem").display().to_string()
    }

    /// To whom mails came, each with the id of the mail, in order.
    pub fn recipients(&self) -> String {
        fs::read_to_string(self.folder.path().join("recipients")).unwrap_or_default()
    }
}

impl Drop for TlsServer {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An authority, and a certificate of it for this machine.
fn make_certificates(folder: &Path) {
    let steps = [
        "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority -keyout authority-key.pem -out authority.pem",
        "req -newkey rsa:2048 -nodes -subj /CN=mail -keyout key.pem -out request.pem",
        "x509 -req -in request.pem -CA authority.pem -CAkey authority-key.pem -CAcreateserial -days 2 -extfile names -out cert.pem",
    ];
    fs::write(folder.join("names"), "subjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE\n").unwrap();
    for step in steps {
        let made = Command::new("openssl").args(step.split(' ')).current_dir(folder).stderr(Stdio::null()).status();
        assert!(made.expect("openssl makes certificates").success(), "{step}");
    }
}
