//! `countersign serve` as a process of its own, which can be stopped as an operator would, or killed.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, mpsc},
    time::Duration,
};

/// The program under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_countersign");
/// Under which name statements and log know the server, whatever port it has.
pub const NAME: &str = "countersign.example";
/// How long the server may take to be ready.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running server; killed when dropped.
pub struct Serve {
    /// `http://127.0.0.1:PORT`.
    pub url: String,
    child: Child,
    log: Arc<Mutex<String>>,
}

impl Serve {
    /// Starts it on a free port and waits until it is ready.
    pub fn start(data: &Path, database: &str) -> Self {
        Self::start_with(data, database, &[])
    }

    /// The same, with further settings as variables of the environment.
    pub fn start_with(data: &Path, database: &str, settings: &[(&str, &str)]) -> Self {
        Self::begin(data, database, settings).ready()
    }

    /// Starts it, and leaves the waiting for later.
    pub fn begin(data: &Path, database: &str, settings: &[(&str, &str)]) -> Starting {
        let mut serve = command(settings);
        Self::spawn(serve.args(["serve", "--listen", "127.0.0.1:0", "--database", database, "--data"]).arg(data))
    }

    /// Starts whatever says where it listens.
    pub fn spawn(command: &mut Command) -> Starting {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program can be started");
        let stderr = BufReader::new(child.stderr.take().expect("standard error is a pipe"));
        let log = Arc::new(Mutex::new(String::new()));
        let (say, ready) = mpsc::channel();
        let kept = Arc::clone(&log);
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                kept.lock().unwrap().push_str(&format!("{line}\n"));
                if let Some((_, address)) = line.split_once("(listening on ") {
                    // Nobody listens any more when the test is over.
                    let _ = say.send(format!("http://{}", address.trim_end_matches(')')));
                }
            }
        });
        Starting { child, log, ready }
    }

    /// Ends it at once, wherever it is.
    pub fn kill(&mut self) {
        self.child.kill().expect("a process of one's own can be killed");
        self.child.wait().unwrap();
    }

    /// Ends it as its operator would; it must end in order.
    pub fn stop(mut self) {
        assert!(self.is_running(), "the server ended by itself:\n{}", self.log());
        assert!(Command::new("kill").arg(self.child.id().to_string()).status().unwrap().success());
        let status = self.child.wait().unwrap();
        assert!(status.success(), "the server ended with {status}:\n{}", self.log());
    }

    /// Its number among the processes of this machine.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }
}

impl Drop for Serve {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A server that may not be ready yet.
pub struct Starting {
    child: Child,
    log: Arc<Mutex<String>>,
    ready: mpsc::Receiver<String>,
}

impl Starting {
    /// Waits until it is ready.
    pub fn ready(mut self) -> Serve {
        match self.ready.recv_timeout(PATIENCE) {
            Ok(url) => Serve { url, child: self.child, log: self.log },
            Err(error) => {
                // It may have ended by itself, which is why nothing was heard.
                let _ = self.child.kill();
                self.child.wait().unwrap();
                panic!("the server is not ready ({error}); its log:\n{}", self.log.lock().unwrap())
            }
        }
    }
}

/// The program with the tests' settings and nothing of the caller's.
pub fn command(settings: &[(&str, &str)]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.env_clear().env("COLUMNS", "120").envs([
        ("COUNTERSIGN_BASE_URL", "http://countersign.example"),
        ("COUNTERSIGN_SERVER_NAME", NAME),
        ("COUNTERSIGN_REQUESTS_PER_MINUTE", "0"),
        ("COUNTERSIGN_SIGN_INS_PER_MINUTE", "0"),
    ]);
    if let Some(library) = super::environment(super::node::LIBRARY) {
        command.env("COUNTERSIGN_ONNXRUNTIME", library);
    }
    command.envs(settings.iter().copied());
    command
}
