//! A metric over versions as a chart: sizes are attributes, because no style may stand in a page. The shape of a point tells the outcome.

use super::{Markup, comparison};
use domain::signoff::Status;
use std::fmt::Write;

/// A version's value of a metric.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Point {
    pub(crate) number: u32,
    pub(crate) value: f64,
    pub(crate) status: Status,
    /// Whether the version is in production.
    pub(crate) is_live: bool,
}

const WIDTH: f64 = 320.0;
const HEIGHT: f64 = 150.0;
const LEFT: f64 = 46.0;
const RIGHT: f64 = 14.0;
const TOP: f64 = 18.0;
const BOTTOM: f64 = 24.0;

/// The chart of these points, the oldest first; `label` is the id of its caption.
pub(crate) fn chart(points: &[Point], label: &str) -> Markup {
    let values = || points.iter().map(|point| point.value);
    let (low, high) = (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max));
    if !(low.is_finite() && high.is_finite() && (high - low).is_finite()) {
        return Markup::default();
    }
    let room = if high > low { (high - low) * 0.15 } else { low.abs().max(1.0) * 0.1 };
    let (low, high) = (low - room, high + room);
    let steps = points.len().saturating_sub(1).max(1) as f64;
    let across = |place: usize| {
        if points.len() == 1 { (LEFT + WIDTH - RIGHT) / 2.0 } else { LEFT + (WIDTH - LEFT - RIGHT) * place as f64 / steps }
    };
    let up = |value: f64| TOP + (HEIGHT - TOP - BOTTOM) * (1.0 - (value - low) / (high - low));
    let decimals = (-(high - low).log10()).ceil().clamp(0.0, 5.0) as usize + 1;
    let mut svg = format!(r#"<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="{label}">"#);
    // Writing to a String does not fail.
    for value in [low, f64::midpoint(low, high), high] {
        let _ = write!(
            svg,
            r#"<path class="grid" d="M{LEFT} {:.1}H{}"/><text x="{}" y="{:.1}" text-anchor="end">{}</text>"#,
            up(value),
            WIDTH - RIGHT + 6.0,
            LEFT - 7.0,
            up(value) + 3.5,
            comparison::written(value, decimals)
        );
    }
    let line: Vec<_> =
        points.iter().enumerate().map(|(place, point)| format!("{:.1} {:.1}", across(place), up(point.value))).collect();
    let _ = write!(svg, r#"<path class="ln" d="M{}"/>"#, line.join("L"));
    for (place, point) in points.iter().enumerate() {
        let (x, y) = (across(place), up(point.value));
        if point.is_live {
            let _ = write!(
                svg,
                r#"<circle class="live" cx="{x:.1}" cy="{y:.1}" r="8"/><circle class="live" cx="{x:.1}" cy="{y:.1}" r="5.6"/>"#
            );
        }
        let _ = match point.status {
            Status::Rejected | Status::Revoked => {
                write!(svg, r#"<path class="pt no" d="M{:.1} {:.1}l7 7M{:.1} {:.1}l-7 7"/>"#, x - 3.5, y - 3.5, x + 3.5, y - 3.5)
            }
            Status::WaitingForFeedback | Status::WaitingForApproval => {
                write!(svg, r#"<path class="pt now" d="M{x:.1} {:.1}l4.5 4.5-4.5 4.5-4.5-4.5z"/>"#, y - 4.5)
            }
            Status::Approved | Status::Expired => write!(svg, r#"<circle class="pt ok" cx="{x:.1}" cy="{y:.1}" r="3.5"/>"#),
            Status::NotStarted | Status::Abandoned => write!(svg, r#"<circle class="pt" cx="{x:.1}" cy="{y:.1}" r="3.5"/>"#),
        };
        let _ = write!(svg, r#"<text x="{x:.1}" y="{}" text-anchor="middle">v{}</text>"#, HEIGHT - 6.0, point.number);
        if point.is_live || place + 1 == points.len() {
            let falls = place > 0 && points[place - 1].value > point.value;
            let y = if falls { (y + 19.0).min(HEIGHT - BOTTOM + 2.0) } else { (y - 12.0).max(10.0) };
            let _ = write!(
                svg,
                r#"<text class="val" x="{:.1}" y="{y:.1}" text-anchor="middle">{}</text>"#,
                x.min(WIDTH - 16.0),
                comparison::figure(point.value)
            );
        }
    }
    svg.push_str("</svg>");
    Markup(svg)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(number: u32, value: f64) -> Point {
        Point { number, value, status: Status::Approved, is_live: number == 2 }
    }

    #[test]
    fn every_point_stands_in_the_chart_and_has_its_value_where_it_matters() {
        let Markup(svg) = chart(&[point(1, 0.9), point(2, 0.95), point(3, 0.93)], "c-1");
        assert_eq!(svg.matches(r#"class="pt ok""#).count(), 3, "{svg}");
        assert_eq!(svg.matches(r#"class="live""#).count(), 2, "{svg}");
        assert!(svg.contains(">0.95</text>") && svg.contains(">0.93</text>"), "{svg}");
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    }

    #[test]
    fn equal_and_extreme_values_are_drawn_or_left_out() {
        let Markup(equal) = chart(&[point(1, 0.0), point(2, 0.0)], "c-1");
        assert!(equal.contains("<svg") && !equal.contains("NaN"), "{equal}");
        assert_eq!(chart(&[point(1, f64::MAX), point(2, f64::MIN)], "c-1"), Markup::default());
        assert!(chart(&[point(1, 3.0)], "c-1").0.contains("v1"));
    }
}
