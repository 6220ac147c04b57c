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

/// By when something is expected: *due tomorrow, 17:00*, *overdue since yesterday*.
pub(crate) fn due(due: impl Moment, now: impl Moment) -> Markup {
    let (due, now) = (due.moment(), now.moment());
    let days = due.seconds().div_euclid(DAY) - now.seconds().div_euclid(DAY);
    let clock = written(due, "%H:%M");
    let (class, words) = match (due <= now, days) {
        (true, 0) => ("c-no", format!("overdue since {clock}")),
        (true, -1) => ("c-no", "overdue since yesterday".to_owned()),
        (true, _) => ("c-no", format!("overdue since {}", day(due, now))),
        (false, 0) => ("c-warn", format!("due today, {clock}")),
        (false, 1) => ("c-warn", format!("due tomorrow, {clock}")),
        (false, _) => ("", format!("due {} {}", written(due, "%a"), day(due, now))),
    };
    let Markup(time) = element(due, &words, false);
    let Markup(icon) = super::icon("clock");
    Markup(format!(r#"<span class="due {class}">{icon}{time}</span>"#))
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
        let due_in_words = |moment: &str| {
            let Markup(text) = due(moment.parse::<Timestamp>().unwrap(), now);
            let words = text.rsplit("</time>").nth(1).unwrap().rsplit('>').next().unwrap().to_owned();
            let class = if text.contains("c-no") {
                "no"
            } else if text.contains("c-warn") {
                "warn"
            } else {
                ""
            };
            (words, class)
        };
        for (moment, words, class) in [
            ("2026-03-12T17:00:00Z", "due today, 17:00", "warn"),
            ("2026-03-13T09:00:00Z", "due tomorrow, 09:00", "warn"),
            ("2026-03-17T09:00:00Z", "due Tue 17 Mar", ""),
            ("2026-03-12T14:20:00Z", "overdue since 14:20", "no"),
            ("2026-03-11T23:00:00Z", "overdue since yesterday", "no"),
            ("2026-03-02T23:00:00Z", "overdue since 2 Mar", "no"),
        ] {
            assert_eq!(due_in_words(moment), (words.to_owned(), class), "{moment}");
        }
        assert_eq!(exact(now).0, r#"<time datetime="2026-03-12T14:20:00Z">Thu 12 Mar 2026, 14:20 UTC</time>"#);
    }
}
