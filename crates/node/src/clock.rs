//! The time by which permits end. This time never goes back and never runs slower than the machine's uptime. So setting the
//! clock back while a node runs makes no permit last longer.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering::Relaxed},
    },
    time::Instant,
};

/// Gives the time in microseconds since 1970 in UTC.
#[derive(Clone)]
pub struct Clock {
    wall: Arc<dyn Fn() -> i64 + Send + Sync>,
    /// When `since` was, by the furthest that the wall's clock ever was ahead.
    began: Arc<AtomicI64>,
    since: Instant,
}

impl Clock {
    /// A clock that follows the wall's, forward.
    pub fn new(wall: Arc<dyn Fn() -> i64 + Send + Sync>) -> Self {
        let began = Arc::new(AtomicI64::new(wall()));
        Self { wall, began, since: Instant::now() }
    }

    /// Now.
    pub fn now(&self) -> i64 {
        let up = i64::try_from(self.since.elapsed().as_micros()).unwrap_or(i64::MAX);
        let began = (self.wall)().saturating_sub(up);
        let furthest = self.began.load(Relaxed);
        // Most calls write nothing, so callers at one moment do not wait for each other.
        let began = if began > furthest { self.began.fetch_max(began, Relaxed).max(began) } else { furthest };
        began.saturating_add(up)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({})", self.now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicI64, Ordering};

    #[test]
    fn a_clock_that_is_set_back_gives_no_time_away() {
        let wall = Arc::new(AtomicI64::new(1_000_000));
        let hand = Arc::clone(&wall);
        let clock = Clock::new(Arc::new(move || hand.load(Ordering::SeqCst)));
        wall.store(0, Ordering::SeqCst);
        assert!(clock.now() >= 1_000_000);
        wall.store(5_000_000_000, Ordering::SeqCst);
        assert!(clock.now() >= 5_000_000_000);
        // Forward, then back: what was seen once stays.
        wall.store(0, Ordering::SeqCst);
        assert!(clock.now() >= 5_000_000_000 && clock.clone().now() >= 5_000_000_000);
    }
}
