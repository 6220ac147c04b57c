//! By when something is expected: due dates in work days, and the moments at which somebody is reminded. A due date has the time of day at
//! which the wait began.

pub use crate::stage::{DueStage, EndStage};

use crate::{
    Timestamp,
    duty::ProjectRules,
    signoff::{SignOff, State},
    time::Duration,
    work_days::{WorkDays, after, before},
};

/// After how many work days past the due date the project's managers are told.
const PATIENCE: WorkDays = WorkDays::TWO;

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
    let soon = before(due, WorkDays::ONE);
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
}
