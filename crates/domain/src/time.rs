//! Times and durations, in microseconds. Every `now` is an argument: this crate has no clock.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr};

/// A moment: microseconds since 1970-01-01T00:00:00Z. Written as RFC 3339 in UTC, always with six decimals.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// A length of time in microseconds, never negative. Written as a whole number and a unit: `90s`, `10m`, `24h`, `180d`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration(i64);

/// A moment or length of time that cannot be read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TimeError {
    /// Not RFC 3339.
    #[error("`{0}` is not a time: write it like 2026-11-23T09:30:00Z")]
    Timestamp(String),
    /// Not a number and a unit.
    #[error("`{0}` is not a length of time: write a whole number and s, m, h or d, like 180d")]
    Duration(String),
    /// Longer than a length can be.
    #[error("`{0}` is too long: the longest length of time is 106751991d")]
    TooLong(String),
    /// No time at all.
    #[error("`{0}` is no time at all: write at least 1s")]
    NoTime(String),
}

impl Timestamp {
    /// A moment from its microseconds since the epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since the epoch, as stored.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Seconds since the epoch, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// The moment this much later, or the last one that can be written: what is stored must read back.
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration.0).min(jiff::Timestamp::MAX.as_second() * 1_000_000))
    }

    /// The moment this much earlier, or the first one that can be written.
    pub fn minus(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(duration.0).max(jiff::Timestamp::MIN.as_second() * 1_000_000))
    }
}

impl Duration {
    /// Whole seconds.
    pub const fn from_seconds(seconds: u32) -> Self {
        Self(seconds as i64 * 1_000_000)
    }

    /// Whole days of 24 hours.
    pub const fn from_days(days: u32) -> Self {
        Self(days as i64 * 86_400_000_000)
    }

    /// A length from its microseconds, as stored.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Its microseconds.
    pub const fn micros(self) -> i64 {
        self.0
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(moment) => write!(f, "{moment:.6}"),
            // Outside of the years that RFC 3339 can write.
            Err(_) => write!(f, "{}µs", self.0),
        }
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Timestamp {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse::<jiff::Timestamp>()
            .map(|moment| Self(moment.as_microsecond()))
            .map_err(|_| TimeError::Timestamp(text.to_owned()))
    }
}

const UNITS: [(char, i64); 4] = [('d', 86_400_000_000), ('h', 3_600_000_000), ('m', 60_000_000), ('s', 1_000_000)];

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, micros) = UNITS.into_iter().find(|(_, micros)| self.0 % micros == 0).unwrap_or(UNITS[3]);
        write!(f, "{}{unit}", self.0 / micros)
    }
}

impl fmt::Debug for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Duration {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || TimeError::Duration(text.to_owned());
        let unit = text.chars().last().ok_or_else(wrong)?;
        let (_, micros) = UNITS.into_iter().find(|(name, _)| *name == unit).ok_or_else(wrong)?;
        let digits = &text[..text.len() - 1];
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(wrong());
        }
        let too_long = || TimeError::TooLong(text.to_owned());
        let number: i64 = digits.parse().map_err(|_| too_long())?;
        match number.checked_mul(micros) {
            None => Err(too_long()),
            Some(0) => Err(TimeError::NoTime(text.to_owned())),
            Some(total) => Ok(Self(total)),
        }
    }
}

macro_rules! serde_as_text {
    ($($name:ident)*) => {$(
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                crate::parsed::parsed(deserializer)
            }
        }
    )*};
}
serde_as_text! { Timestamp Duration }

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_length_leads_to_a_time_that_does_not_read_back() {
        let longest: Duration = "106751991d".parse().unwrap();
        for moment in [Timestamp::from_micros(0).plus(longest), Timestamp::from_micros(0).minus(longest)] {
            assert_eq!(moment.to_string().parse(), Ok(moment));
        }
    }

    #[test]
    fn times_and_lengths_read_back() {
        let moment = Timestamp::from_micros(1_795_000_000_000_001);
        assert_eq!(moment.to_string().parse(), Ok(moment));
        assert_eq!("180d".parse(), Ok(Duration::from_days(180)));
        assert_eq!(Duration::from_seconds(90).to_string(), "90s");
        assert_eq!(Duration::from_seconds(7200).to_string(), "2h");
        for bad in ["", "d", "1", "-1d", "1.5h", "1w", "1é"] {
            assert_eq!(bad.parse::<Duration>(), Err(TimeError::Duration(bad.to_owned())));
        }
        for long in ["106751992d", "999999999d", "9999999999999999999999d"] {
            assert_eq!(long.parse::<Duration>(), Err(TimeError::TooLong(long.to_owned())));
        }
        assert_eq!("0d".parse::<Duration>(), Err(TimeError::NoTime("0d".to_owned())));
        assert!("yesterday".parse::<Timestamp>().is_err());
    }
}
