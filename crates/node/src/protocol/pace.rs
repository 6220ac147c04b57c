//! The pace of a large body. Bodies share their memory, so a client that sends much of one and then stops would keep others out until
//! the time of a body is over.

use super::limits::HttpLimits;
use std::time::Duration;
use tokio::time::Instant;

/// A body is large when so many bytes of it are kept.
const LARGE: usize = 1 << 20;
/// What must arrive of a large body within the time of a stall.
const LEAST: usize = 256 << 10;

/// How a body comes.
pub(crate) struct Pace {
    stall_time: Duration,
    /// When the present window began, and how many bytes had arrived by then.
    since: Instant,
    had: usize,
}

impl Pace {
    /// Of a body that begins now.
    pub(crate) fn new(limits: &HttpLimits) -> Self {
        Self { stall_time: limits.stall_time, since: Instant::now(), had: 0 }
    }

    /// Until when to wait for more of a body of which so many bytes have arrived; `None` for as long as a body may take.
    pub(crate) fn deadline(&self, arrived: usize) -> Option<Instant> {
        (arrived > LARGE).then(|| self.since + self.stall_time)
    }

    /// Whether a body of which so many bytes have arrived by now comes too slowly.
    pub(crate) fn stalls(&mut self, arrived: usize, now: Instant) -> bool {
        if now < self.since + self.stall_time {
            return false;
        }
        let stalls = arrived > LARGE && arrived - self.had < LEAST;
        (self.since, self.had) = (now, arrived);
        stalls
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_large_body_must_go_on_and_a_small_one_may_take_its_time() {
        let limits = HttpLimits::default();
        let mut pace = Pace::new(&limits);
        let mut now = Instant::now();
        for arrived in [1, 2, 3] {
            now += limits.stall_time;
            assert!(!pace.stalls(arrived, now) && pace.deadline(arrived).is_none());
        }
        for windows in 1..=3 {
            now += limits.stall_time;
            assert!(!pace.stalls(LARGE + windows * LEAST, now));
        }
        assert!(!pace.stalls(LARGE + 4 * LEAST - 1, now + limits.stall_time / 2), "the time is not over");
        assert!(pace.stalls(LARGE + 4 * LEAST - 1, now + limits.stall_time));
    }
}
