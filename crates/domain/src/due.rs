//! By when something is expected: due dates in work days, and the moments at which somebody is reminded.
//!
//! A work day is a Monday to Friday in UTC. A due date has the time of day at which the wait began. No clock is put forward or back in UTC, so
//! daylight saving moves no due date.

use crate::{
    Timestamp,
    duty::ProjectRules,
    people::words,
    signoff::{SignOff, State},
    time::Duration,
};
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

const DAY: i64 = Duration::from_days(1).micros();

/// After how many work days past the due date the project's managers are told.
const PATIENCE: WorkDays = WorkDays(2);

/// A number of work days, from 1 to 250.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct WorkDays(u16);

impl WorkDays {
    /// The most work days.
    pub const MOST: u16 = 250;

    /// # Errors
    /// A number that is not from 1 to [`Self::MOST`].
    pub fn new(days: u16) -> Result<Self, String> {
        if (1..=Self::MOST).contains(&days) { Ok(Self(days)) } else { Err(format!("write a number of work days from 1 to {}", Self::MOST)) }
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

/// How far the wait for an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DueStage {
    /// One work day or less is left.
    Soon,
    /// The due date is past.
    Overdue,
    /// The due date is past for so long that the managers of the project are told.
    Escalated,
}

words! { DueStage { Soon = "soon", Overdue = "overdue", Escalated = "escalated" } }

/// How far the end of an approval is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndStage {
    /// There is time for a renewal.
    Early,
    /// It ends in a few days.
    Last,
}

words! { EndStage { Early = "early", Last = "last" } }

/// By when the feedback or the final approval of an open round is expected, by the project's rules as they are now.
pub fn of(signoff: &SignOff, rules: &ProjectRules) -> Option<Timestamp> {
    match &signoff.state {
        State::WaitingForFeedback { review } => rules.feedback_due_after.map(|days| after(review.since, days)),
        State::WaitingForApproval { review } => rules.approval_due_after.map(|days| after(review.since, days)),
        _ => None,
    }
}

/// How far a wait is that began at `since` and is due at `due`; none while nobody is to be reminded.
pub fn stage(since: Timestamp, due: Timestamp, now: Timestamp) -> Option<DueStage> {
    let soon = before(due, WorkDays(1));
    if now >= after(due, PATIENCE) {
        Some(DueStage::Escalated)
    } else if now >= due {
        Some(DueStage::Overdue)
    } else if now >= soon && soon > since {
        Some(DueStage::Soon)
    } else {
        None
    }
}

/// How long before its end people are told of the end of an approval for the first time, and for the last. A short approval leaves less time.
pub fn end_stage(approved: Timestamp, end: Timestamp, now: Timestamp) -> Option<EndStage> {
    let quarter = (end.micros() - approved.micros()) / 4;
    let within = |days: u32| end.micros() - now.micros() <= Duration::from_days(days).micros().min(quarter);
    if now >= end {
        None
    } else if within(LAST_DAYS) {
        Some(EndStage::Last)
    } else if within(EARLY_DAYS) {
        Some(EndStage::Early)
    } else {
        None
    }
}

/// People hear of the end of an approval this many days before.
pub const EARLY_DAYS: u32 = 14;

/// People hear of the end of an approval once more this many days before.
pub const LAST_DAYS: u32 = 2;

/// The moment so many work days after another one.
pub fn after(moment: Timestamp, days: WorkDays) -> Timestamp {
    walk(moment, days, 1)
}

/// The moment so many work days before another one.
fn before(moment: Timestamp, days: WorkDays) -> Timestamp {
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
    fn people_are_reminded_before_at_and_after_the_due_date() {
        let since = at("2026-11-23T10:00:00Z");
        let due = after(since, days(5));
        let of = |now: &str| stage(since, due, at(now));
        assert_eq!(of("2026-11-27T09:59:59Z"), None);
        assert_eq!(of("2026-11-27T10:00:00Z"), Some(DueStage::Soon));
        assert_eq!(of("2026-11-30T09:59:59Z"), Some(DueStage::Soon));
        assert_eq!(of("2026-11-30T10:00:00Z"), Some(DueStage::Overdue));
        assert_eq!(of("2026-12-02T10:00:00Z"), Some(DueStage::Escalated));
        // Where one day was all the time, nobody is reminded at once.
        let due = after(since, days(1));
        assert_eq!(stage(since, due, since), None);
    }

    #[test]
    fn the_end_of_an_approval_is_told_twice_and_a_short_approval_later() {
        let (approved, end) = (at("2026-01-01T00:00:00Z"), at("2026-12-31T00:00:00Z"));
        let of = |now: &str| end_stage(approved, end, at(now));
        assert_eq!(of("2026-12-16T23:59:59Z"), None);
        assert_eq!(of("2026-12-17T00:00:00Z"), Some(EndStage::Early));
        assert_eq!(of("2026-12-29T00:00:00Z"), Some(EndStage::Last));
        assert_eq!(of("2026-12-31T00:00:00Z"), None, "it has ended");
        let day = at("2026-01-02T00:00:00Z");
        assert_eq!(end_stage(approved, day, at("2026-01-01T17:59:59Z")), None);
        assert_eq!(end_stage(approved, day, at("2026-01-01T18:00:00Z")), Some(EndStage::Last));
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
