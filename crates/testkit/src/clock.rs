//! A clock that stands still until a test moves it or lets it tick. Every server of the testkit has its own clock.

use domain::{Duration, Timestamp};
use std::sync::atomic::{AtomicI64, Ordering};

/// When every test begins: 2026-01-05T09:00:00Z.
pub const START: Timestamp = Timestamp::from_micros(1_767_603_600_000_000);

/// The clock.
#[derive(Debug)]
pub struct ManualClock {
    now: AtomicI64,
    tick: AtomicI64,
}

impl Default for ManualClock {
    fn default() -> Self {
        Self { now: AtomicI64::new(START.micros()), tick: AtomicI64::new(0) }
    }
}

impl ManualClock {
    /// Moves it.
    pub fn advance(&self, duration: Duration) {
        self.now.fetch_add(duration.micros(), Ordering::SeqCst);
    }

    /// Lets it move by this whenever somebody has looked at it, as real time moves while a request is on its way.
    pub fn tick(&self, duration: Duration) {
        self.tick.store(duration.micros(), Ordering::SeqCst);
    }

    /// Sets it.
    pub fn set(&self, to: Timestamp) {
        self.now.store(to.micros(), Ordering::SeqCst);
    }

    /// Moves it back, as somebody does who sets a clock right.
    pub fn set_back(&self, duration: Duration) {
        self.now.fetch_sub(duration.micros(), Ordering::SeqCst);
    }
}

impl app::Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.now.fetch_add(self.tick.load(Ordering::SeqCst), Ordering::SeqCst))
    }
}
