//! The memory of a process, as the system counts it.

use std::fs;

/// Bytes of memory that a process has for itself, files left out; 0 if it has ended.
pub fn memory_use(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0) << 10
}

#[cfg(test)]
mod tests {
    use super::memory_use;

    #[test]
    fn this_process_has_memory_and_none_has_none() {
        assert!(memory_use(std::process::id()) > 1 << 16);
        assert_eq!(memory_use(u32::MAX), 0);
    }
}
