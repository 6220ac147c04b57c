//! Medians over rounds, and tables for Markdown.

use std::io::Write;

/// Prints a line.
pub fn say(line: &str) {
    // Nobody reads any more: the measurement goes on, and its exit code still says how it went.
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// The middle one; of an even number, the mean of the two in the middle. NaN of none.
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => f64::NAN,
        length if length % 2 == 1 => values[middle],
        _ => f64::midpoint(values[middle - 1], values[middle]),
    }
}

/// A number of things with a separator between thousands.
pub fn count(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Microseconds as milliseconds.
pub fn millis(micros: f64) -> String {
    format!("{:.2} ms", micros / 1000.0)
}

/// A ratio in percent.
pub fn percent(ratio: f64) -> String {
    format!("{:.0} %", ratio * 100.0)
}

/// Bytes in MB.
pub fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

/// A table, printed row by row as it comes about.
pub struct Table {
    widths: Vec<usize>,
}

impl Table {
    /// Prints title and head.
    pub fn begin(title: &str, columns: &[(&str, usize)]) -> Self {
        let widths: Vec<_> = columns.iter().map(|(name, width)| name.len().max(*width)).collect();
        let table = Self { widths };
        say(&format!("{title}\n"));
        table.row(columns.iter().map(|(name, _)| (*name).to_owned()));
        table.row(table.widths.iter().map(|width| "-".repeat(*width)));
        table
    }

    /// Prints a row.
    pub fn row(&self, cells: impl IntoIterator<Item = String>) {
        let cells = cells.into_iter().zip(&self.widths).map(|(cell, width)| format!(" {cell:<width$} |"));
        say(&format!("|{}", cells.collect::<String>()));
    }

    /// Ends it.
    pub fn end(self) {
        say("");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_as_people_write_them() {
        assert_eq!([count(7.0), count(1234.6), count(1_234_567.0)], ["7", "1,235", "1,234,567"]);
        assert_eq!([millis(1234.0), percent(0.416), megabytes(59_960_000)], ["1.23 ms", "42 %", "60.0 MB"]);
        assert_eq!([median([3.0, 1.0, 2.0]), median([4.0, 1.0, 2.0, 3.0])], [2.0, 2.5]);
        assert!(median([]).is_nan());
    }
}
