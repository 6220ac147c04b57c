//! This program as its own child, and what Linux says of a process's memory.

use anyhow::{Context, Result, ensure};
use std::{
    ffi::OsStr,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

/// A server in a process of its own; ends when this value does.
pub struct Server {
    process: Child,
    /// Where it listens: `127.0.0.1:PORT`.
    pub address: String,
}

impl Server {
    /// Starts this program as a server and waits until it says where it listens.
    ///
    /// # Errors
    /// When it ends before that.
    pub fn start<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("child-server").args(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn()?;
        let mut address = String::new();
        let output = process.stdout.take().context("the output was asked for")?;
        BufReader::new(output).read_line(&mut address)?;
        ensure!(!address.trim().is_empty(), "the server to measure did not start");
        Ok(Self { process, address: address.trim().to_owned() })
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It serves until its input ends.
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

/// Runs this program as a child and reads the JSON that it prints.
///
/// # Errors
/// When it fails; it says itself why.
pub async fn run<T: serde::de::DeserializeOwned>(arguments: Vec<String>) -> Result<T> {
    let mut command = tokio::process::Command::new(std::env::current_exe()?);
    command.args(&arguments).stdin(Stdio::null()).stderr(Stdio::inherit());
    let output = command.output().await?;
    ensure!(output.status.success(), "{} failed", arguments.first().map_or("a child", String::as_str));
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// One line of a process's status in bytes: `VmRSS` is what it has in memory now, `VmHWM` the most that it ever had.
///
/// # Errors
/// When there is no such process or line.
pub fn memory(process: u32, line: &str) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).context("memory is measured on Linux only")?;
    let found = status.lines().find_map(|text| text.strip_prefix(line)?.strip_prefix(':'));
    let kibibytes: u64 = found.context("the process has no such figure")?.trim().trim_end_matches(" kB").parse()?;
    Ok(kibibytes * 1024)
}
