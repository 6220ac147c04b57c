//! The dates of the year, counted back from the present, and the clock that moves through them.

use app::Clock;
use domain::{Duration, Timestamp};
use std::sync::atomic::{AtomicI64, Ordering};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Dates before the present.
#[derive(Clone, Copy, Debug)]
pub struct Calendar {
    now: Timestamp,
}

impl Calendar {
    /// The calendar of somebody who looks back from this moment.
    pub fn before(now: Timestamp) -> Self {
        Self { now }
    }

    /// The present.
    pub fn now(self) -> Timestamp {
        self.now
    }

    /// So many days ago at this time of the day, in UTC; at least two days, so that the order of what follows does not depend on
    /// the time of day at which the demo starts.
    pub fn day(self, ago: i64, hour: i64, minute: i64) -> Timestamp {
        let midnight = self.now.seconds().div_euclid(DAY) * DAY;
        // Nobody acts at the full minute.
        let second = (ago * 37 + hour * 13 + minute * 7).rem_euclid(MINUTE);
        self.no_later(midnight - ago * DAY + hour * HOUR + minute * MINUTE + second)
    }

    /// So many hours and minutes ago.
    pub fn hours(self, hours: i64, minutes: i64) -> Timestamp {
        self.no_later(self.now.seconds() - hours * HOUR - minutes * MINUTE)
    }

    fn no_later(self, seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000).min(self.now)
    }
}

/// A clock that somebody moves.
#[derive(Debug)]
pub struct MovingClock(AtomicI64);

impl MovingClock {
    /// A clock that stands at this moment.
    pub fn at(moment: Timestamp) -> Self {
        Self(AtomicI64::new(moment.micros()))
    }

    /// Moves the clock to this moment.
    pub fn move_to(&self, moment: Timestamp) {
        self.0.store(moment.micros(), Ordering::SeqCst);
    }

    /// Moves the clock on by this.
    pub fn move_on(&self, by: Duration) {
        self.0.fetch_add(by.micros(), Ordering::SeqCst);
    }
}

impl Clock for MovingClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_never_in_the_future() {
        let now: Timestamp = "2026-03-12T00:00:05Z".parse().unwrap();
        let calendar = Calendar::before(now);
        assert_eq!(calendar.day(2, 9, 12).to_string(), "2026-03-10T09:12:35.000000Z");
        assert_eq!(calendar.day(0, 23, 0), now);
        assert_eq!(calendar.hours(26, 5).to_string(), "2026-03-10T21:55:05.000000Z");
    }
}
