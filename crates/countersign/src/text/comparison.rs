//! Two versions of a model side by side.

use super::{Cell, Table, Text, cells, section};
use app::views::{Because, Comparison, FileContent, FilesChange, MetricChange, SchemaChange, TextChange, ValueChange};
use domain::comparison::Direction;

/// What differs, in the order in which a reviewer should see it.
pub fn card(comparison: &Comparison) -> Text {
    let Some(with) = &comparison.with else {
        return Text::line(format!(
            "{}: no other version is in production or approved, so there is nothing to compare with.",
            comparison.version
        ));
    };
    let why = match (with.because, &with.infrastructure) {
        (Because::InProduction, Some(infrastructure)) => format!(", which is in production on {infrastructure}"),
        (Because::InProduction, None) => ", which is in production".to_owned(),
        (Because::NewestApproved, _) => ", the newest approved version".to_owned(),
        (Because::Asked, _) => String::new(),
    };
    let (earlier, later) = (format!("V{}", with.version.number), format!("V{}", comparison.version.number));
    let columns = |first| [first, earlier.as_str(), later.as_str()];
    let texts = |changes: &[TextChange]| {
        let row = |change: &&TextChange| cells![change.name, change.earlier, change.later];
        let differing: Vec<_> = changes.iter().filter(|change| change.differs).collect();
        Table::of(&columns("NAME"), &differing, row).text("Equal in both.")
    };
    let titled = |name: &str, changes: &[TextChange]| match changes.len() {
        0 => Text::none(),
        all => section(
            &format!("{name} ({} of {all} differ)", changes.iter().filter(|change| change.differs).count()),
            &texts(changes),
        ),
    };
    let bytes = if comparison.same_bytes { "Both have the same bytes." } else { "The bytes differ." };
    Text::line(format!("{} beside {}{why}. {bytes}", comparison.version, with.version))
        + section("Metrics", &metrics(&comparison.metrics, [&earlier, &later]))
        + titled("Parameters", &comparison.params)
        + titled("Tags", &comparison.tags)
        + section("Inputs and outputs", &schema(&comparison.schema, columns("NAME")))
        + titled("Data and source", &comparison.source)
        + section(
            &format!("Files ({} of {} differ)", comparison.files.differ, comparison.files.equal + comparison.files.differ),
            &files(&comparison.files, columns("FILE")),
        )
        + authors(comparison)
        + notes(comparison)
}

fn metrics(metrics: &[MetricChange], [earlier, later]: [&str; 2]) -> Text {
    let row = |metric: &MetricChange| {
        let reading = match metric.direction {
            Direction::Unknown => metric.reading.to_string(),
            direction => format!("{} ({direction} is better)", metric.reading),
        };
        cells![metric.name, metric.earlier, metric.later, signed(metric.difference), reading]
    };
    match metrics {
        [] => Text::none(),
        metrics => Table::of(&["METRIC", earlier, later, "CHANGE", "READS AS"], metrics, row).text(""),
    }
}

/// A difference with its sign, rounded as far as the two values were written.
fn signed(difference: Option<f64>) -> Cell {
    difference.map_or_else(Cell::blank, |difference| {
        // Six digits hide what binary fractions add to a difference of decimal ones.
        let text = format!("{difference:+.6}");
        let text = text.trim_end_matches('0').trim_end_matches('.');
        Cell::new(if text == "-0" || text == "+0" { format!("{difference:+e}") } else { text.to_owned() })
    })
}

fn schema(schema: &SchemaChange, [name, earlier, later]: [&str; 3]) -> Text {
    if !schema.read {
        let how = if schema.differs { "The signatures differ. They are" } else { "The signatures are equal, and" };
        return Text::line(format!("{how} in a form that cannot be compared value by value."));
    }
    let row = |value: &&ValueChange| {
        let breaking = if value.breaking { Cell::new("breaks callers") } else { Cell::blank() };
        cells![value.side.as_str(), value.name, value.earlier, value.later, breaking]
    };
    let differing: Vec<_> = schema.values.iter().filter(|value| value.differs).collect();
    match schema.values.len() {
        0 => Text::none(),
        _ => Table::of(&["SIDE", name, earlier, later, ""], &differing, row).text("Equal in both."),
    }
}

fn files(files: &FilesChange, columns: [&str; 3]) -> Text {
    let content = |content: &Option<FileContent>| {
        content
            .as_ref()
            .map(|content| format!("{} bytes, {}", content.size, content.sha256.to_string().get(..15).unwrap_or_default()))
    };
    let rows = Table::of(&columns, &files.changes, |file| cells![file.name, content(&file.earlier), content(&file.later)]);
    let left_out = files.differ.saturating_sub(files.changes.len() as u64);
    let more = if left_out > 0 { Text::line(format!("and {left_out} more")) } else { Text::none() };
    rows.text("Equal in both.") + more
}

fn authors(comparison: &Comparison) -> Text {
    let Some(authors) = &comparison.authors else { return Text::none() };
    let named = |authors: &[String]| if authors.is_empty() { "nobody".to_owned() } else { authors.join(", ") };
    section("Authors", &Text::line(format!("{}; before: {}", named(&authors.later), named(&authors.earlier))))
}

fn notes(comparison: &Comparison) -> Text {
    let Some(notes) = &comparison.notes else { return Text::none() };
    let said = |notes: &str| if notes.is_empty() { Text::line("(none)") } else { Text::lines(notes) };
    section("Notes now", &said(&notes.later)) + section("Notes before", &said(&notes.earlier))
}
