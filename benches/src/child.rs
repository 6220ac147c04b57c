//! Runs this program as its own child process, and reads what Linux says of a process's memory.

use anyhow::{Context, Result, ensure};
use std::{
    ffi::OsStr,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    time::Duration,
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

/// The arguments of a load.
pub fn load(address: &str, connections: usize, length: Duration) -> Vec<String> {
    ["child-load", address, "--connections", &connections.to_string(), "--millis", &length.as_millis().to_string()]
        .map(str::to_owned)
        .into()
}

/// What a process and all that it started have in memory now, in bytes. What they share counts for each of them.
///
/// # Errors
/// When there is no such process.
pub fn memory_of_all(process: u32) -> Result<u64> {
    all_of(process)?.into_iter().map(|id| memory(id, "VmRSS")).sum()
}

/// The processor time that a process and all that it started have had so far.
///
/// # Errors
/// When there is no such process.
pub fn processor_time_of_all(process: u32) -> Result<Duration> {
    all_of(process)?.into_iter().map(processor_time).sum()
}

/// A process, and all that it started.
fn all_of(process: u32) -> Result<Vec<u32>> {
    let mut parents = Vec::new();
    for entry in std::fs::read_dir("/proc").context("processes are measured on Linux only")? {
        let name = entry?.file_name();
        let Some(id) = name.to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        // A process may end while this looks.
        let Ok(stat) = std::fs::read_to_string(format!("/proc/{id}/stat")) else { continue };
        let parent = stat.rsplit_once(')').and_then(|(_, rest)| rest.split_whitespace().nth(1)?.parse::<u32>().ok());
        parents.extend(parent.map(|parent| (id, parent)));
    }
    let mut all = vec![process];
    let mut next = 0;
    while let Some(parent) = all.get(next).copied() {
        all.extend(parents.iter().filter(|(_, of)| *of == parent).map(|(id, _)| *id));
        next += 1;
    }
    Ok(all)
}

/// Linux counts it in hundredths of a second for those who read it here.
fn processor_time(process: u32) -> Result<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    let fields = stat.rsplit_once(')').map(|(_, rest)| rest.split_whitespace().collect::<Vec<_>>()).unwrap_or_default();
    let hundredths = |place: usize| fields.get(place).and_then(|field| field.parse::<u64>().ok());
    let (user, system) = hundredths(11).zip(hundredths(12)).context("the process has no such figure")?;
    Ok(Duration::from_millis(10 * (user + system)))
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
