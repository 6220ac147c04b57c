//! How soon a model's process is started again. A start that works out is followed by the next one at once, at a bounded rate: a
//! request that ends the process costs the others a moment. Only starts that fail are tried more and more seldom.

use std::time::Duration;
use tokio::time::Instant;

/// The second pause after starts that failed; the first has none, and each further pause is twice as long.
const PAUSE: Duration = Duration::from_millis(100);
/// No pause is longer.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// How often a process is started again in the long run, where starts work out.
const RESTART_EVERY: Duration = Duration::from_secs(1);
/// How many restarts more than that may follow each other at once.
const RESTARTS_AT_ONCE: u32 = 4;

/// The pace of the restarts of one model.
#[derive(Debug, Default)]
pub struct RestartPace {
    /// Starts that failed since the last one that worked out.
    failures: u32,
    /// When all restarts so far would be over, had they kept their distance.
    even: Option<Instant>,
    /// How long the last start took.
    took: Duration,
}

impl RestartPace {
    /// How long to wait before the next start.
    pub fn pause(&mut self, now: Instant) -> Duration {
        let every = RESTART_EVERY.max(self.took);
        let even = self.even.map_or(now, |even| even.max(now));
        self.even = Some(even + every);
        let bounded = even.saturating_duration_since(now + every * RESTARTS_AT_ONCE);
        bounded.max(after_failures(self.failures))
    }

    /// Notes that a process was loaded and asked, whatever became of it.
    pub fn worked(&mut self, took: Duration) {
        (self.failures, self.took) = (0, took);
    }

    /// Notes that a start failed, or that a process ended before anybody asked it.
    pub fn failed(&mut self) {
        self.failures = self.failures.saturating_add(1);
    }
}

fn after_failures(failures: u32) -> Duration {
    match failures {
        0 | 1 => Duration::ZERO,
        more => PAUSE.saturating_mul(1 << (more - 2).min(16)).min(LONGEST_PAUSE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_limit_where_starts_fail() {
        let pauses = [1, 2, 3, 10, 11, u32::MAX].map(|failures| after_failures(failures).as_millis());
        assert_eq!(pauses, [0, 100, 200, 25_600, 30_000, 30_000]);
    }

    #[test]
    fn restarts_that_work_out_follow_at_once_and_then_every_second() {
        let (mut pace, mut now) = (RestartPace::default(), Instant::now());
        let mut pauses = Vec::new();
        for _ in 0..8 {
            pace.worked(Duration::from_millis(10));
            let pause = pace.pause(now);
            pauses.push(pause.as_secs());
            now += pause;
        }
        assert_eq!(pauses, [0, 0, 0, 0, 0, 1, 1, 1]);
        // One each half minute, however often, is never made to wait.
        for _ in 0..20 {
            now += Duration::from_secs(30);
            pace.worked(Duration::from_millis(10));
            assert_eq!(pace.pause(now), Duration::ZERO);
        }
    }

    #[test]
    fn what_takes_long_to_load_is_loaded_less_often() {
        let (mut pace, mut now) = (RestartPace::default(), Instant::now());
        let mut last = Duration::ZERO;
        for _ in 0..8 {
            pace.worked(Duration::from_secs(10));
            last = pace.pause(now);
            now += last;
        }
        assert_eq!(last, Duration::from_secs(10));
    }
}
