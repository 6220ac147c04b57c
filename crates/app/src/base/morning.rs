//! The moment of each day at which gathered mails go out, by the clocks of a place.

use domain::Timestamp;
use jiff::{civil::Time, tz::TimeZone};
use std::fmt;

/// A time of day in a time zone.
#[derive(Clone, Debug, PartialEq)]
pub struct Morning {
    at: Time,
    zone: TimeZone,
}

impl Default for Morning {
    fn default() -> Self {
        Self { at: Time::constant(7, 0, 0, 0), zone: TimeZone::UTC }
    }
}

impl fmt::Display for Morning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.time(), self.zone())
    }
}

impl Morning {
    /// A time of day like `07:00`, in a zone of the IANA database like `Europe/Vienna`.
    ///
    /// # Errors
    /// In words: what is no time, or no zone.
    pub fn new(at: &str, zone: &str) -> Result<Self, String> {
        let at = Time::strptime("%H:%M", at).map_err(|_| format!("`{}` is no time of day like 07:00", at.escape_debug()))?;
        let zone = TimeZone::get(zone).map_err(|_| format!("`{}` is no time zone like Europe/Vienna", zone.escape_debug()))?;
        Ok(Self { at, zone })
    }

    /// The time of day, like `07:00`.
    pub fn time(&self) -> String {
        format!("{:02}:{:02}", self.at.hour(), self.at.minute())
    }

    /// The name of the time zone.
    pub fn zone(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    /// The first such moment after this one. Where the clocks skip the time of day, the moment that comes in its place; where they show it
    /// twice, the first.
    pub fn after(&self, now: Timestamp) -> Timestamp {
        let Ok(moment) = jiff::Timestamp::from_microsecond(now.micros()) else { return now };
        let mut day = self.zone.to_datetime(moment).date();
        loop {
            let Ok(next) = self.zone.to_ambiguous_zoned_datetime(day.to_datetime(self.at)).compatible() else { return now };
            if next.timestamp() > moment {
                return Timestamp::from_micros(next.timestamp().as_microsecond());
            }
            let Ok(tomorrow) = day.tomorrow() else { return now };
            day = tomorrow;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(zone: &str, at: &str, now: &str) -> String {
        Morning::new(at, zone).unwrap().after(now.parse().unwrap()).to_string()
    }

    #[test]
    fn a_morning_is_a_morning_where_people_are() {
        assert_eq!(after("UTC", "07:00", "2026-11-30T06:59:59Z"), "2026-11-30T07:00:00.000000Z");
        assert_eq!(after("UTC", "07:00", "2026-11-30T07:00:00Z"), "2026-12-01T07:00:00.000000Z");
        assert_eq!(after("Europe/Vienna", "07:00", "2026-11-30T06:30:00Z"), "2026-12-01T06:00:00.000000Z");
        assert_eq!(after("Asia/Tokyo", "07:00", "2026-11-30T22:30:00Z"), "2026-12-01T22:00:00.000000Z");
    }

    #[test]
    fn every_day_has_one_morning_also_when_the_clocks_change() {
        // In Vienna the hour from 02:00 is skipped on 28 March 2027, and comes twice on 31 October 2027.
        assert_eq!(after("Europe/Vienna", "07:00", "2027-03-27T07:00:00Z"), "2027-03-28T05:00:00.000000Z");
        assert_eq!(after("Europe/Vienna", "02:30", "2027-03-27T12:00:00Z"), "2027-03-28T01:30:00.000000Z");
        assert_eq!(after("Europe/Vienna", "02:30", "2027-03-28T01:30:00Z"), "2027-03-29T00:30:00.000000Z");
        assert_eq!(after("Europe/Vienna", "02:30", "2027-10-31T00:00:00Z"), "2027-10-31T00:30:00.000000Z");
        assert_eq!(after("Europe/Vienna", "02:30", "2027-10-31T00:30:00Z"), "2027-11-01T01:30:00.000000Z");
    }

    #[test]
    fn a_morning_reads_as_it_was_set() {
        assert_eq!(Morning::new("06:30", "Europe/Vienna").unwrap().to_string(), "06:30 Europe/Vienna");
        assert_eq!(Morning::default().to_string(), "07:00 UTC");
    }

    #[test]
    fn what_is_no_time_or_no_zone_is_refused() {
        for (at, zone) in [("25:00", "UTC"), ("7", "UTC"), ("", "UTC"), ("07:00", "Europe/Nowhere"), ("07:00", "")] {
            assert!(Morning::new(at, zone).is_err(), "{at} {zone}");
        }
    }
}
