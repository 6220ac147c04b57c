//! How long to wait between attempts to reach another server.

use domain::Duration;

/// The wait after the first failed attempt; each next one is twice as long.
const FIRST_WAIT: Duration = Duration::from_seconds(60);

/// The longest wait between two attempts with one message or delivery.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_seconds(4 * 60 * 60);

/// The wait after so many attempts, up to a limit. A random part of up to one half is taken off, so that what failed together does not come
/// back together.
pub(crate) fn wait(attempts: u32, limit: Duration, random: u8) -> Duration {
    let doublings = attempts.saturating_sub(1).min(16);
    let longest = (FIRST_WAIT.micros() << doublings).min(limit.micros());
    Duration::from_micros(longest - longest / 2 * i64::from(random) / 255)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_limit_and_differ_by_chance() {
        let seconds =
            |random| [1, 2, 3, 9, 99, u32::MAX].map(|attempts| wait(attempts, LONGEST_WAIT, random).micros() / 1_000_000);
        assert_eq!(seconds(0), [60, 120, 240, 14_400, 14_400, 14_400]);
        assert_eq!(seconds(u8::MAX), [30, 60, 120, 7_200, 7_200, 7_200]);
    }
}
