//! Times as people read them. The exact time stands behind each of them, in UTC.

use super::Markup;
use domain::Timestamp;

const DAY: i64 = 86_400;

/// A moment, or a template's reference to one.
pub(crate) trait Moment {
    fn moment(&self) -> Timestamp;
}

impl Moment for Timestamp {
    fn moment(&self) -> Timestamp {
        *self
    }
}

impl<T: Moment> Moment for &T {
    fn moment(&self) -> Timestamp {
        (**self).moment()
    }
}

fn civil(at: Timestamp) -> jiff::civil::DateTime {
    let moment = jiff::Timestamp::from_microsecond(at.micros()).unwrap_or(jiff::Timestamp::MAX);
    jiff::tz::Offset::UTC.to_datetime(moment)
}

fn written(at: Timestamp, form: &str) -> String {
    civil(at).strftime(form).to_string()
}

/// *Wed 11 Mar 2026, 12:10 UTC*
fn in_full(at: Timestamp) -> String {
    written(at, "%a %-d %b %Y, %H:%M UTC")
}

fn element(moment: Timestamp, words: &str, live: bool) -> Markup {
    let (machine, full) = (written(moment, "%Y-%m-%dT%H:%M:%SZ"), in_full(moment));
    let live = if live { " data-rel" } else { "" };
    Markup(format!(r#"<time datetime="{machine}" title="{full}"{live}>{words}</time>"#))
}

/// The exact time, in words.
pub(crate) fn exact(moment: impl Moment) -> Markup {
    let moment = moment.moment();
    let machine = written(moment, "%Y-%m-%dT%H:%M:%SZ");
    Markup(format!(r#"<time datetime="{machine}">{}</time>"#, in_full(moment)))
}

/// *2026-03-11 12:10*, for lists of events.
pub(crate) fn utc(moment: impl Moment) -> Markup {
    let moment = moment.moment();
    element(moment, &written(moment, "%Y-%m-%d %H:%M"), false)
}

/// *11 Mar, 12:10*, with the year where it is another.
pub(crate) fn at(moment: impl Moment, now: impl Moment) -> Markup {
    let (moment, now) = (moment.moment(), now.moment());
    element(moment, &format!("{}, {}", day(moment, now), written(moment, "%H:%M")), false)
}

fn day(moment: Timestamp, now: Timestamp) -> String {
    written(moment, if civil(moment).year() == civil(now).year() { "%-d %b" } else { "%-d %b %Y" })
}

/// *26 hours ago*, *3 days ago*; beyond two weeks the day.
pub(crate) fn ago(moment: impl Moment, now: impl Moment) -> Markup {
    let (moment, now) = (moment.moment(), now.moment());
    let is_near = (now.seconds() - moment.seconds()).abs() <= 14 * DAY;
    element(moment, &ago_in_words(moment, now), is_near)
}

/// The same, in words alone.
pub(crate) fn ago_in_words(moment: Timestamp, now: Timestamp) -> String {
    let gap = now.seconds() - moment.seconds();
    let length = gap.abs();
    let (number, unit) = match length {
        _ if length > 14 * DAY => return day(moment, now),
        _ if length >= 2 * DAY => (length / DAY, "day"),
        _ if length >= 3600 => (length / 3600, "hour"),
        _ if length >= 60 => (length / 60, "minute"),
        _ if gap < 0 => return "in a moment".to_owned(),
        _ => return "just now".to_owned(),
    };
    let words = super::count(number, unit);
    if gap < 0 { format!("in {words}") } else { format!("{words} ago") }
}

/// How long: *214 days*, *3 d 4 h*, *5 h 20 min*, *18 min*.
pub(crate) fn span(from: impl Moment, to: impl Moment) -> String {
    let length = (to.moment().seconds() - from.moment().seconds()).max(0);
    let (days, hours, minutes) = (length / DAY, length % DAY / 3600, length % 3600 / 60);
    match (days, hours) {
        (0, 0) if minutes == 0 => "less than a minute".to_owned(),
        (0, 0) => format!("{minutes} min"),
        (0, _) => format!("{hours} h {minutes} min"),
        (14.., _) => format!("{days} days"),
        _ => format!("{days} d {hours} h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_said_as_people_say_it() {
        let now: Timestamp = "2026-03-12T14:20:00Z".parse().unwrap();
        let words = |moment: &str| {
            let Markup(text) = ago(moment.parse::<Timestamp>().unwrap(), now);
            text.split('>').nth(1).unwrap().split('<').next().unwrap().to_owned()
        };
        for (moment, expected) in [
            ("2026-03-12T14:19:30Z", "just now"),
            ("2026-03-12T14:02:00Z", "18 minutes ago"),
            ("2026-03-11T12:20:00Z", "26 hours ago"),
            ("2026-03-09T10:20:00Z", "3 days ago"),
            ("2026-03-13T17:00:00Z", "in 26 hours"),
            ("2026-02-11T12:20:00Z", "11 Feb"),
            ("2025-02-11T12:20:00Z", "11 Feb 2025"),
        ] {
            assert_eq!(words(moment), expected, "{moment}");
        }
        assert_eq!(span("2026-03-09T10:20:00Z".parse::<Timestamp>().unwrap(), now), "3 d 4 h");
        assert_eq!(span("2025-08-10T10:20:00Z".parse::<Timestamp>().unwrap(), now), "214 days");
        assert_eq!(exact(now).0, r#"<time datetime="2026-03-12T14:20:00Z">Thu 12 Mar 2026, 14:20 UTC</time>"#);
    }
}
