//! How much memory the models of a node may have: what the node may have as a whole, less what it needs itself.

use crate::failure::Failure;
use std::fs;

/// MiB for the node's own process beside the bodies of requests.
const BESIDE: u64 = 160;
/// The least MiB with which a model is of use: the library alone takes some of it.
const LEAST: u64 = 64;

/// Bytes for the processes of all models together. `bodies` are the bytes that the node keeps for requests.
pub fn for_models(memory: Option<u32>, bodies: usize) -> Result<u64, Failure> {
    let own = BESIDE + (bodies as u64 >> 20);
    match memory {
        Some(all) => match u64::from(all).checked_sub(own).filter(|left| *left >= LEAST) {
            Some(left) => Ok(left << 20),
            None => Err(Failure::usage(format!(
                "--memory: {all} MiB are too few: the node itself may take {own} MiB, {} of them for requests",
                bodies >> 20
            ))
            .hint(format!("Give it {} MiB or more.", own + LEAST))),
        },
        // Too little is no reason not to start: it may well do.
        None => Ok(available().map_or(u64::MAX, |all| (all / 10 * 9).saturating_sub(own << 20).max(LEAST << 20))),
    }
}

/// Bytes of memory of this machine, or of the container in which the node runs, where that has less.
fn available() -> Option<u64> {
    let machine = fs::read_to_string("/proc/meminfo").ok()?;
    let machine =
        machine.lines().find_map(|line| line.strip_prefix("MemTotal:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok())? << 10;
    Some(container().map_or(machine, |container| container.min(machine)))
}

/// The bound of the control group of this process (version 2), if it has one.
fn container() -> Option<u64> {
    let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
    let group = groups.lines().find_map(|line| line.strip_prefix("0::"))?.trim_start_matches('/').to_owned();
    fs::read_to_string(std::path::Path::new("/sys/fs/cgroup").join(group).join("memory.max")).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_node_needs_itself_is_not_for_models() {
        assert_eq!(for_models(Some(2048), 512 << 20).ok(), Some((2048 - 512 - BESIDE) << 20));
        let few = for_models(Some(700), 512 << 20).unwrap_err().to_string();
        assert!(few.contains("700 MiB are too few") && few.contains("672 MiB, 512 of them for requests"), "{few}");
        assert!(for_models(None, 512 << 20).is_ok_and(|bytes| bytes >= LEAST << 20));
    }
}
