//! Runs the installed program `countersign` as a process: the server and a node.

use crate::place::{Place, SERVER_NAME};
use anyhow::{Context, Result, ensure};
use std::{
    ffi::OsStr,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

/// The program of the same build as this one, which lies beside it.
///
/// # Errors
/// When it does not.
pub fn program() -> Result<PathBuf> {
    let program = std::env::current_exe()?.with_file_name("countersign");
    ensure!(program.exists(), "there is no {}: `cargo xtask bench` builds it", program.display());
    Ok(program)
}

/// A running one; killed when this value goes.
pub struct Installed {
    process: Child,
    /// Where it listens: `127.0.0.1:PORT`.
    pub address: String,
}

impl Installed {
    /// `countersign serve` on this database.
    ///
    /// # Errors
    /// When it ends before it listens.
    pub fn serve(program: &OsStr, place: &Place) -> Result<Self> {
        let mut command = Command::new(program);
        command.args(["serve", "--listen", "127.0.0.1:0", "--database", place.url(), "--data"]).arg(place.data());
        Self::start(command.env("COUNTERSIGN_REQUESTS_PER_MINUTE", "0").env("COUNTERSIGN_SERVER_NAME", SERVER_NAME))
    }

    /// Any command of it that says where it listens.
    ///
    /// # Errors
    /// When it ends before that.
    pub fn start(command: &mut Command) -> Result<Self> {
        let mut process = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        let mut log = BufReader::new(process.stderr.take().context("its log was asked for")?);
        let (mut ready, mut said) = (String::new(), String::new());
        while !ready.contains("(listening on ") {
            ready.clear();
            ensure!(log.read_line(&mut ready)? > 0, "countersign did not start: {said}");
            said.push_str(&ready);
        }
        // Somebody has to read its log, or it would wait for that.
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        let address = ready.split("(listening on ").nth(1).and_then(|rest| rest.split(')').next());
        let address = address.context("it says where it listens")?.to_owned();
        Ok(Self { process, address })
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Installed {
    fn drop(&mut self) {
        // It is not asked to stop in order: nothing that it holds is needed any more.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
