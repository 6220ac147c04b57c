//! A clock that stands still until a test moves it. Every server of the testkit has its own.

use domain::{Duration, Timestamp};
use std::sync::atomic::{AtomicI64, Ordering};

/// When every test begins: 2026-01-05T09:00:00Z.
pub const START: Timestamp = Timestamp::from_micros(1_767_603_600_000_000);

/// The clock.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl Default for ManualClock {
    fn default() -> Self {
        Self(AtomicI64::new(START.micros()))
    }
}

impl ManualClock {
    /// Moves it.
    pub fn advance(&self, duration: Duration) {
        self.0.fetch_add(duration.micros(), Ordering::SeqCst);
    }

    /// Moves it back, as somebody does who sets a clock right.
    pub fn set_back(&self, duration: Duration) {
        self.0.fetch_sub(duration.micros(), Ordering::SeqCst);
    }
}

impl app::Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}
