//! Figures of two versions side by side: as many decimals on both sides, a sign at each change, and a bar.

use super::{Markup, short, thousands, words::size};
use app::views::{Comparison, FileContent, MetricChange, TextChange, ValueChange};
use domain::comparison::{Direction, Reading};

/// The most decimals of a figure.
const DECIMALS: usize = 6;

/// The two figures of a metric and their difference, as they stand in a row.
pub(crate) struct Figures {
    pub(crate) earlier: String,
    pub(crate) later: String,
    pub(crate) difference: String,
}

/// The figures of a metric, with as many decimals on both sides.
pub(crate) fn figures(change: &MetricChange) -> Figures {
    let decimals = [change.earlier, change.later].into_iter().flatten().map(decimals).max().unwrap_or_default();
    let written = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| written(value, decimals));
    let difference = change.difference.map(|difference| {
        let text = written(Some(difference));
        if difference > 0.0 { format!("+{text}") } else { text }
    });
    Figures { earlier: written(change.earlier), later: written(change.later), difference: difference.unwrap_or_default() }
}

/// One figure by itself.
pub(crate) fn figure(value: f64) -> String {
    written(value, decimals(value))
}

/// The decimals that a figure needs, without the noise of binary fractions: 0.07 for 0.07000000000000006.
pub(crate) fn decimals(value: f64) -> usize {
    if !is_plain(value) {
        return 0;
    }
    let text = format!("{value:.DECIMALS$}");
    text.trim_end_matches('0').split_once('.').map_or(0, |(_, decimals)| decimals.len())
}

/// Whether a figure reads well without an exponent.
fn is_plain(value: f64) -> bool {
    value == 0.0 || (1e-4..1e15).contains(&value.abs())
}

/// A figure with this many decimals, a comma at each thousand and a real minus.
pub(crate) fn written(value: f64, decimals: usize) -> String {
    let size = value.abs();
    let text =
        if is_plain(value) || (size < 1e-4 && decimals > 4) { format!("{size:.decimals$}") } else { format!("{size:.3e}") };
    let text = match text.split_once('.') {
        Some((whole, rest)) if whole.len() > 4 => format!("{}.{rest}", thousands(whole)),
        None if text.len() > 4 && !text.contains('e') => thousands(&text),
        _ => text,
    };
    if value < 0.0 && text.contains(|digit: char| ('1'..='9').contains(&digit)) { format!("−{text}") } else { text }
}

/// *higher is better*
pub(crate) fn direction(direction: &Direction) -> &'static str {
    match direction {
        Direction::Higher => "higher is better",
        Direction::Lower => "lower is better",
        Direction::Unknown => "direction not known: no judgement",
    }
}

/// The icon and the class of a change.
pub(crate) fn reading(reading: &Reading) -> (&'static str, &'static str) {
    match reading {
        Reading::Worse => ("down", "c-no"),
        Reading::Gone => ("minus", "c-warn"),
        Reading::Changed => ("sync", "quiet"),
        Reading::Added => ("plus", "quiet"),
        Reading::Better => ("up", "c-ok"),
        Reading::Same => ("same", "quiet"),
    }
}

/// A change as a bar: to the right for the better, to the left for the worse, as long as the change is beside the largest one.
pub(crate) fn bar(change: &MetricChange, all: &[MetricChange]) -> Markup {
    let class = match change.reading {
        Reading::Better => "better",
        Reading::Worse => "worse",
        Reading::Gone | Reading::Changed | Reading::Added | Reading::Same => return Markup::default(),
    };
    let full = all.iter().map(part).fold(0.0, f64::max);
    let width = if full > 0.0 { (46.0 * part(change) / full).clamp(1.5, 46.0) } else { 1.5 };
    let from = if class == "better" { 48.0 } else { 48.0 - width };
    Markup(format!(
        r#"<svg class="bar" viewBox="0 0 96 12" aria-hidden="true"><rect class="{class}" x="{from:.1}" y="2" width="{width:.1}" height="8"/><path class="axis" d="M48 0v12"/></svg>"#
    ))
}

/// A change as a part of the earlier value.
fn part(change: &MetricChange) -> f64 {
    let part = match (change.difference, change.earlier) {
        (Some(difference), Some(earlier)) if earlier != 0.0 => (difference / earlier).abs(),
        (Some(difference), _) => difference.abs(),
        (None, _) => 0.0,
    };
    if part.is_finite() { part } else { 0.0 }
}

/// *4 better, 2 worse*
pub(crate) fn judged(comparison: &Comparison) -> String {
    let order = [Reading::Worse, Reading::Gone, Reading::Changed, Reading::Added, Reading::Better, Reading::Same];
    let count = |reading: Reading| comparison.metrics.iter().filter(|metric| metric.reading == reading).count();
    let counts = order.into_iter().map(|reading| (count(reading), reading)).filter(|(count, _)| *count > 0);
    counts.map(|(count, reading)| format!("{count} {reading}")).collect::<Vec<_>>().join(", ")
}

/// Whether nothing differs.
pub(crate) fn is_equal(comparison: &Comparison) -> bool {
    let texts = [&comparison.params, &comparison.tags, &comparison.source];
    comparison.same_bytes
        && comparison.files.differ == 0
        && comparison.metrics.iter().all(|metric| metric.reading == Reading::Same)
        && texts.into_iter().flatten().all(|text| !text.differs)
        && !comparison.schema.differs
        && comparison.authors.is_none()
        && comparison.notes.is_none()
}

/// The texts of a comparison: the id and the title of their section, the word for one of them, and those that differ apart from the others.
pub(crate) fn texts(comparison: &Comparison) -> Vec<Texts<'_>> {
    let lists = [
        ("c-params", "Parameters", "parameter", &comparison.params),
        ("c-tags", "Tags", "tag", &comparison.tags),
        ("c-source", "Data and source", "part", &comparison.source),
    ];
    let some = lists.into_iter().filter(|(.., all)| !all.is_empty());
    some.map(|(id, title, word, all)| {
        let (changed, equal) = all.iter().partition(|text| text.differs);
        Texts { id, title, word, changed, equal }
    })
    .collect()
}

/// Texts of one kind.
pub(crate) struct Texts<'a> {
    pub(crate) id: &'static str,
    pub(crate) title: &'static str,
    pub(crate) word: &'static str,
    pub(crate) changed: Vec<&'a TextChange>,
    pub(crate) equal: Vec<&'a TextChange>,
}

/// The inputs and outputs that differ, and the others.
pub(crate) fn values(comparison: &Comparison) -> (Vec<&ValueChange>, Vec<&ValueChange>) {
    comparison.schema.values.iter().partition(|value| value.differs)
}

/// *44 MB, 61a9c0de…2f4e1b*
pub(crate) fn content(content: &FileContent) -> String {
    format!("{}, {}", size(content.size), short(&content.sha256))
}

/// A part of the source in words.
pub(crate) fn source(name: &str) -> &str {
    match name {
        "data" => "Training data",
        "commit" => "Commit",
        "run" => "Run",
        "run_owner" => "Owner of the run",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(earlier: Option<f64>, later: Option<f64>) -> MetricChange {
        let direction = Direction::Higher;
        let difference = earlier.zip(later).map(|(earlier, later)| later - earlier);
        MetricChange {
            name: "auc".to_owned(),
            earlier,
            later,
            difference,
            direction,
            reading: Reading::of(direction, earlier, later),
        }
    }

    #[test]
    fn both_sides_have_as_many_decimals() {
        let rows = [
            (Some(0.97), Some(0.9125), ["0.9700", "0.9125", "−0.0575"]),
            (Some(41.0), Some(38.0), ["41", "38", "−3"]),
            (Some(1234.0), Some(12345.5), ["1234.0", "12,345.5", "+11,111.5"]),
            (None, Some(-0.5), ["–", "−0.5", ""]),
            (Some(1.0 - 0.93), Some(0.05), ["0.07", "0.05", "−0.02"]),
            (Some(0.5), Some(0.5), ["0.5", "0.5", "0.0"]),
            (Some(1e300), Some(1e300), ["1.000e300", "1.000e300", "0"]),
        ];
        for (earlier, later, [left, right, between]) in rows {
            let figures = figures(&change(earlier, later));
            assert_eq!([figures.earlier, figures.later, figures.difference], [left, right, between]);
        }
    }

    #[test]
    fn the_largest_change_has_the_longest_bar() {
        let all = [change(Some(0.5), Some(0.25)), change(Some(0.5), Some(0.75)), change(Some(0.8), Some(0.81))];
        assert!(bar(&all[0], &all).0.contains(r#"class="worse" x="2.0" y="2" width="46.0""#), "{}", bar(&all[0], &all));
        assert!(bar(&all[1], &all).0.contains(r#"class="better" x="48.0" y="2" width="46.0""#));
        assert!(bar(&all[2], &all).0.contains(r#"width="1.5""#));
    }
}
