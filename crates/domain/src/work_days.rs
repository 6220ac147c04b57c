//! Work days: Monday to Friday in UTC. No clock is put forward or back in UTC, so daylight saving moves nothing.

use crate::{Duration, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

const DAY: i64 = Duration::from_days(1).micros();

/// A number of work days, from 1 to 250.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct WorkDays(u16);

impl WorkDays {
    /// The most work days.
    pub const MOST: u16 = 250;

    pub(crate) const ONE: Self = Self(1);
    pub(crate) const TWO: Self = Self(2);

    /// # Errors
    /// A number that is not from 1 to [`Self::MOST`].
    pub fn new(days: u16) -> Result<Self, String> {
        if (1..=Self::MOST).contains(&days) {
            Ok(Self(days))
        } else {
            Err(format!("write a number of work days from 1 to {}", Self::MOST))
        }
    }

    /// The number.
    pub const fn get(self) -> u16 {
        self.0
    }
}

impl std::fmt::Display for WorkDays {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::str::FromStr for WorkDays {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::new(text.trim().parse().unwrap_or(0))
    }
}

impl<'de> Deserialize<'de> for WorkDays {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(u16::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// The moment so many work days after another one.
pub fn after(moment: Timestamp, days: WorkDays) -> Timestamp {
    walk(moment, days, 1)
}

/// The moment so many work days before another one.
pub fn before(moment: Timestamp, days: WorkDays) -> Timestamp {
    walk(moment, days, -1)
}

/// Goes day by day, and counts the work days that it comes to.
fn walk(moment: Timestamp, days: WorkDays, direction: i64) -> Timestamp {
    let (mut micros, mut left) = (moment.micros(), days.0);
    while left > 0 {
        micros = micros.saturating_add(direction * DAY);
        if is_work_day(micros) {
            left -= 1;
        }
    }
    Timestamp::from_micros(micros)
}

fn is_work_day(micros: i64) -> bool {
    // The first of January 1970 was a Thursday.
    (micros.div_euclid(DAY) + 3).rem_euclid(7) < 5
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn days(days: u16) -> WorkDays {
        WorkDays::new(days).unwrap()
    }

    #[test]
    fn weekends_do_not_count() {
        // 2026-11-27 is a Friday.
        for (from, count, to) in [
            ("2026-11-23T10:00:00Z", 1, "2026-11-24T10:00:00Z"),
            ("2026-11-27T10:00:00Z", 1, "2026-11-30T10:00:00Z"),
            ("2026-11-28T10:00:00Z", 1, "2026-11-30T10:00:00Z"),
            ("2026-11-29T23:59:59Z", 1, "2026-11-30T23:59:59Z"),
            ("2026-11-27T10:00:00Z", 5, "2026-12-04T10:00:00Z"),
            ("2026-11-26T00:00:00Z", 10, "2026-12-10T00:00:00Z"),
            ("1969-12-26T12:00:00Z", 1, "1969-12-29T12:00:00Z"),
        ] {
            assert_eq!(after(at(from), days(count)), at(to), "{from} and {count}");
        }
        assert_eq!(before(at("2026-11-30T10:00:00Z"), days(1)), at("2026-11-27T10:00:00Z"));
    }

    #[test]
    fn daylight_saving_moves_nothing() {
        // In Europe and in the United States clocks go back within these weeks.
        assert_eq!(after(at("2026-10-23T08:00:00Z"), days(5)), at("2026-10-30T08:00:00Z"));
        assert_eq!(after(at("2026-10-30T08:00:00Z"), days(5)), at("2026-11-06T08:00:00Z"));
    }

    #[test]
    fn a_number_of_work_days_has_bounds() {
        assert_eq!("5".parse::<WorkDays>().unwrap().get(), 5);
        for wrong in ["0", "251", "-1", "1.5", "", "five"] {
            assert!(wrong.parse::<WorkDays>().is_err(), "{wrong}");
        }
        assert!(serde_json::from_str::<WorkDays>("0").is_err());
    }
}
