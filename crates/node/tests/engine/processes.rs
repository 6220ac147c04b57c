//! The processes that an engine starts, found by an argument that only this engine gives them.

use crate::fixture::{SOON, options};
use node::engine::{EngineOptions, OrtEngine};
use rustix::{
    event::{PollFd, PollFlags, poll},
    fs::Timespec,
    io::retry_on_intr,
    process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open},
};
use std::{fs, os::fd::OwnedFd, path::PathBuf};

/// An engine whose processes can be told from all others.
pub fn marked_engine(mark: &str, change: impl FnOnce(&mut EngineOptions)) -> OrtEngine {
    let mut options = options();
    options.program_args = vec![mark.into()];
    change(&mut options);
    OrtEngine::new(options).unwrap()
}

/// A process of an engine.
pub struct Process {
    pid: Pid,
    handle: OwnedFd,
}

/// The only process with that mark.
pub fn process(mark: &str) -> Process {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()).and_then(Pid::from_raw) else { continue };
        let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let mut arguments = line.split(|byte| *byte == 0);
        if arguments.next().is_some_and(|program| program.ends_with(b"node-engine"))
            && arguments.any(|word| word == mark.as_bytes())
        {
            found.push(pid);
        }
    }
    let [pid] = found[..] else { panic!("there are {} processes with the mark {mark}", found.len()) };
    Process { pid, handle: pidfd_open(pid, PidfdFlags::empty()).unwrap() }
}

impl Process {
    /// Kills it.
    pub fn kill(&self) {
        kill_process(self.pid, Signal::KILL).unwrap();
    }

    /// Sends it a signal that it should not mind.
    pub fn terminate(&self) {
        kill_process(self.pid, Signal::TERM).unwrap();
    }

    /// Whether it ended, or ends soon.
    pub fn ends(&self) -> bool {
        let soon = Timespec { tv_sec: SOON.as_secs() as i64, tv_nsec: 0 };
        // A signal that another test sends may come meanwhile.
        retry_on_intr(|| poll(&mut [PollFd::new(&self.handle, PollFlags::IN)], Some(&soon))).unwrap() == 1
    }

    /// MiB of memory that it has, files left out.
    pub fn memory(&self) -> usize {
        let status = fs::read_to_string(self.place().join("status")).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() / 1024
    }

    /// The system's entry for the process, until its parent has taken notice of its end.
    pub fn place(&self) -> PathBuf {
        format!("/proc/{}", self.pid.as_raw_nonzero()).into()
    }
}
